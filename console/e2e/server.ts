import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const EMAIL = "owner@example.com";
export const PASSWORD = ["long", "enough", "for", "a", "test"].join("-");

/** One `holly` of our own: a fresh data folder, free ports, a rehearsal in which orders come only when asked for. */
export class Server {
  readonly url: string;
  readonly #agents: string;
  readonly #binary: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(
    binary: string,
    folder: string,
    process: ChildProcess,
    runtime: Record<string, string>,
  ) {
    this.#binary = binary;
    this.#folder = folder;
    this.#process = process;
    this.#agents = runtime.agents_url ?? "";
    this.url = runtime.console_url ?? "";
  }

  static async start(): Promise<Server> {
    const binary = process.env.HOLLY_BIN;
    if (!binary) throw new Error("HOLLY_BIN has to name the holly binary");
    const folder = mkdtempSync(join(tmpdir(), "holly-console-"));
    const child = spawn(binary, [], { env: environment(folder), stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const file = join(folder, "runtime.json");
    for (let tries = 0; tries < 600; tries += 1) {
      if (child.exitCode !== null) throw new Error(`holly ended at once:\n${said}`);
      if (existsSync(file)) {
        const runtime = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
        if (runtime.console_url) return new Server(binary, folder, child, runtime);
      }
      await wait(100);
    }
    child.kill("SIGKILL");
    throw new Error(`holly did not start:\n${said}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await Promise.race([ended, wait(10_000).then(() => this.#process.kill("SIGKILL"))]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs the command line against this server. */
  cli(...args: string[]): string {
    return execFileSync(this.#binary, args, { env: environment(this.#folder), encoding: "utf8" });
  }

  order(count = 1): void {
    this.cli("rehearse", "order", "--count", String(count));
  }

  /** Asks the agents API as an administrator, as another person at another desk would. */
  async ask<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    this.#token ??= this.cli("token", "--role", "admin", "--subject", "other@example.com").trim();
    const response = await fetch(this.#agents + path, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  #token: string | undefined;

  async tickets(status = "pending"): Promise<TicketRow[]> {
    const { tickets } = await this.ask<{ tickets: TicketRow[] }>(
      "GET",
      `/tower/inbox?status=${status}&limit=200`,
    );
    return tickets;
  }

  async ticket(id: number): Promise<TicketRow> {
    return this.ask<TicketRow>("GET", `/tower/tickets/${id}`);
  }

  /** Lets orders arrive until so many tickets of this risk wait. */
  async waiting(risk: TicketRow["risk_level"], count = 1): Promise<TicketRow[]> {
    for (let orders = 0; orders < 60; orders += 1) {
      const found = (await this.tickets()).filter((ticket) => ticket.risk_level === risk);
      if (found.length >= count) return found;
      if (orders % 2 === 0) this.order();
      await wait(1_000);
    }
    throw new Error(`no ${risk}-risk ticket came`);
  }

  /** Rejects whatever waits, so that the inbox is empty. */
  async empty(): Promise<void> {
    for (let rounds = 0; rounds < 20; rounds += 1) {
      const left = await this.tickets();
      if (left.length === 0) return;
      for (const { id } of left) {
        const body = { decision: "reject", decision_payload: { reason: "the test clears the desk" } };
        await this.ask("POST", `/tower/tickets/${id}/decide`, body).catch(() => undefined);
      }
      await wait(500);
    }
  }
}

export interface TicketRow {
  id: number;
  status: "pending" | "approved" | "rejected" | "expired";
  risk_level: "low" | "medium" | "high";
  run_id: string;
  decided_by: string | null;
  decision_payload: Record<string, unknown> | null;
  context_pack: { subject?: { order_name?: string } };
}

export const nameOf = (ticket: TicketRow): string => ticket.context_pack.subject?.order_name ?? "?";

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    HOLLY_DATA_DIR: folder,
    PORT: "0",
    HOLLY_CONSOLE_PORT: "0",
    HOLLY_CONSOLE_USER_EMAIL: EMAIL,
    HOLLY_CONSOLE_USER_PASSWORD: PASSWORD,
    HOLLY_REHEARSAL_SEED: "7",
    HOLLY_REHEARSAL_PACE: "0",
    HOLLY_RATE_READS: "0",
    HOLLY_RATE_WRITES: "0",
    HOLLY_RATE_COSTLY: "0",
  };
}
