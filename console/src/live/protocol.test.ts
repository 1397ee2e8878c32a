import { describe, expect, it } from "vitest";
import { backoff, read, START } from "./protocol";
import { topicsOf } from "./topics";

const frame = (fields: Record<string, unknown>) => JSON.stringify({ timestamp: 1, ...fields });
const ticket = (seq: number, epoch = "a") =>
  frame({ type: "tower_ticket", seq, epoch, ticket_id: 4, run_id: "run_1", status: "pending" });

describe("reading the stream", () => {
  it("takes the first event wherever the stream stands", () => {
    const reading = read(ticket(90), START);
    expect(reading.kind).toBe("event");
    expect(reading.position).toEqual({ epoch: "a", seq: 90 });
  });

  it("drops an event that was seen before", () => {
    expect(read(ticket(5), { epoch: "a", seq: 5 }).kind).toBe("nothing");
    expect(read(ticket(6), { epoch: "a", seq: 5 }).kind).toBe("event");
  });

  it("reads everything again after another process took over", () => {
    const reading = read(ticket(2, "b"), { epoch: "a", seq: 900 });
    expect(reading.kind).toBe("resync");
    expect(reading.position).toEqual({ epoch: "b", seq: 2 });
  });

  it("notices another process even from a frame that is no event", () => {
    const hello = frame({ type: "bridge_status", status: "connected", epoch: "b" });
    expect(read(hello, { epoch: "a", seq: 900 })).toEqual({
      kind: "resync",
      event: null,
      position: { epoch: "b", seq: 0 },
    });
    expect(read(hello, START)).toMatchObject({ kind: "link", position: { epoch: "b", seq: 0 } });
    expect(read(ticket(1, "b"), { epoch: "b", seq: 0 }).kind).toBe("event");
  });

  it("reads everything again when told so or when frames were dropped", () => {
    const at = { epoch: "a", seq: 3 };
    expect(read(frame({ type: "resync" }), at).kind).toBe("resync");
    expect(read(frame({ type: "events_dropped", count: 8 }), at).kind).toBe("resync");
  });

  it("survives anything that is not a frame", () => {
    for (const text of ["", "{", "null", "[1]", '"x"', "{}", '{"type":7}']) {
      expect(read(text, START).kind).toBe("nothing");
    }
  });

  it("tells the link from what travels over it", () => {
    expect(read(frame({ type: "heartbeat" }), START)).toMatchObject({ kind: "link", source: null });
    const down = frame({ type: "bridge_status", status: "disconnected" });
    expect(read(down, START)).toMatchObject({ kind: "link", source: "disconnected" });
  });
});

it("waits 1 s, then twice as long each time, at most 30 s, a fifth more or less", () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((tries) => backoff(tries, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(backoff(0, 0)).toBe(800);
  expect(backoff(0, 1)).toBe(1_200);
});

describe("what an event refreshes", () => {
  const of = (fields: Record<string, unknown>) =>
    topicsOf({ seq: null, epoch: null, type: "", ...fields } as never).map((topic) => topic.join("/"));

  it("a ticket refreshes the inbox, itself and its run", () => {
    expect(of({ type: "tower_ticket", ticket_id: 4, run_id: "run_1" })).toEqual(
      expect.arrayContaining(["inbox", "ticket/4", "run/run_1", "overview"]),
    );
  });

  it("a run refreshes the jobs and what of them failed: it may be theirs", () => {
    expect(of({ type: "tower_run", run_id: "run_1" })).toEqual(expect.arrayContaining(["scheduler", "runs"]));
  });

  it("a model call touches its open run and no list", () => {
    expect(of({ type: "llm_end", run_id: "span", thread_id: "run_1" })).toEqual(["run/run_1"]);
  });

  it("a log line refreshes nothing", () => {
    expect(of({ type: "log" })).toEqual([]);
  });
});
