import { Cell, useCell } from "./cell";
import { ApiError } from "./errors";
import type { Role } from "./types";

/** Who is signed in. The cookie itself cannot be read by any script. */
export interface Session {
  email: string;
  role: Role;
  expires_at?: string | null;
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

const session = new Cell<Session | null>(null);
/** True while the sign-in dialog stands over the page. */
const signInAsked = new Cell(false);
let waiting: (() => void)[] = [];

export const useSession = (): Session | null => useCell(session);
export const useSignInAsked = (): boolean => useCell(signInAsked);
export const currentSession = (): Session | null => session.get();

let checking: Promise<boolean> | null = null;

/** Whether the browser's cookie counts after all: another tab, or a renewed session, may have brought a new one. */
function isSignedIn(): Promise<boolean> {
  checking ??= fetchSession()
    .then(
      () => true,
      (cause: unknown) => !(cause instanceof ApiError && cause.status === 401),
    )
    .finally(() => {
      checking = null;
    });
  return checking;
}

/**
 * Resolves once somebody has signed in again; until then the dialog stands over the page. A cookie that was merely
 * renewed needs nobody; `sure` says that this was looked at before.
 */
export async function signInAgain(sure = false): Promise<void> {
  if (!sure && !signInAsked.get() && (await isSignedIn())) return;
  signInAsked.set(true);
  await new Promise<void>((resolve) => waiting.push(resolve));
}

export function mayAct(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && RANK[role] >= RANK[needed];
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? undefined : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, null);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ApiError(response.status, answer, {
      requestId: response.headers.get("X-Request-Id"),
      retryAfter: response.headers.get("Retry-After"),
    });
  }
  return answer;
}

function toSession(answer: unknown, email = ""): Session {
  const fields = (typeof answer === "object" && answer !== null ? answer : {}) as Partial<Session>;
  const role = fields.role && fields.role in RANK ? fields.role : "viewer";
  return { email: fields.email ?? email, role, expires_at: fields.expires_at ?? null };
}

/** Asks the server who is signed in; throws `ApiError` 401 when nobody is. */
export async function fetchSession(): Promise<Session> {
  const found = toSession(await ask("GET", "/api/auth/me"));
  session.set(found);
  return found;
}

/** Signs in and lets every request go on that waited for it. */
export async function signIn(email: string, password: string): Promise<void> {
  await ask("POST", "/api/auth/login", { email, password });
  await fetchSession();
  signInAsked.set(false);
  const resumed = waiting;
  waiting = [];
  for (const resume of resumed) resume();
}

/** A cookie older than an hour is exchanged for a new one; nothing happens when it cannot be. */
export async function extendSession(): Promise<void> {
  session.set(toSession(await ask("POST", "/api/auth/refresh"), session.get()?.email));
}

export async function signOut(): Promise<void> {
  await ask("POST", "/api/auth/logout");
  session.set(null);
}
