/** What an answer that is not a success said, in one form. `status` 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly traceId: string | null;
  readonly retryAfter: number | null;
  readonly details: readonly { field: string; message: string }[];
  readonly violations: readonly string[];

  constructor(
    status: number,
    body: unknown,
    header?: { requestId?: string | null; retryAfter?: string | null },
  ) {
    const fields = isRecord(body) ? body : {};
    super(text(fields.error) ?? text(fields.detail) ?? fallbackMessage(status));
    this.name = "ApiError";
    this.status = status;
    this.code = text(fields.code);
    this.traceId = text(fields.trace_id) ?? header?.requestId ?? null;
    const wait = fields.retry_after ?? (header?.retryAfter ? Number(header.retryAfter) : null);
    this.retryAfter = typeof wait === "number" && Number.isFinite(wait) ? wait : null;
    this.details = Array.isArray(fields.details) ? fields.details.filter(isDetail) : [];
    this.violations = Array.isArray(fields.violations)
      ? fields.violations.filter((line): line is string => typeof line === "string")
      : [];
  }

  /** The server, or the store behind it, cannot answer at all. */
  get isOutage(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export function asApiError(error: unknown): ApiError | null {
  return error instanceof ApiError ? error : null;
}

function fallbackMessage(status: number): string {
  if (status === 0) return "The server did not answer";
  return `The server answered ${status}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function isDetail(value: unknown): value is { field: string; message: string } {
  return isRecord(value) && typeof value.field === "string" && typeof value.message === "string";
}
