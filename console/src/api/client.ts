import createClient from "openapi-fetch";
import { ApiError } from "./errors";
import { noteAnswer, noteOutage } from "./outage";
import type { paths } from "./schema";
import { signInAgain } from "./session";

/**
 * Every request of the console passes here. A session that ended opens the sign-in dialog and the request is
 * sent again afterwards, so nothing that a person typed is lost. An outage is noted, never turned into "no data".
 */
async function send(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  for (let refusals = 0; ; ) {
    let response: Response;
    try {
      response = await fetch(request.clone());
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      noteOutage(path, Date.now());
      throw new ApiError(0, null);
    }
    if (response.status === 401) {
      await signInAgain(refusals > 0);
      refusals += 1;
      continue;
    }
    if (response.status >= 502 && response.status <= 504) noteOutage(path, Date.now());
    else noteAnswer(path, Date.now());
    return response;
  }
}

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin", fetch: send });

/** The data of an answer, or `ApiError`. Use around every call: `await data(api.GET(...))`. */
export async function data<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data: body, error, response } = await answer;
  if (!response.ok || body === undefined) {
    throw new ApiError(response.status, error, {
      requestId: response.headers.get("X-Request-Id"),
      retryAfter: response.headers.get("Retry-After"),
    });
  }
  return body;
}

/** For routes that the OpenAPI document does not describe yet. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(
    new Request(new URL(path, location.href), { credentials: "same-origin", signal }),
  );
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ApiError(response.status, body, { requestId: response.headers.get("X-Request-Id") });
  }
  return body as T;
}
