/** Problem details (RFC 9457), as REST answers and sockets' error frames carry them. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  /** What is wrong, for a person. */
  detail: string;
  /** What to do about it; may be empty. */
  next_step: string;
  /** The field of the form that is at fault; empty where there is none. */
  field: string;
}

/** What a failed request throws. `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super([problem.detail, problem.next_step].filter(Boolean).join(" "));
    this.name = "ApiError";
    this.problem = problem;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads whatever an error answer holds: a proxy in between may answer with no problem details at all. */
export function toProblem(status: number, body: unknown): Problem {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const title = text(fields.title) || `The server answered with status ${status}`;
  return {
    status: typeof fields.status === "number" ? fields.status : status,
    code: text(fields.code) || "error",
    title,
    detail: text(fields.detail) || `${title}.`,
    next_step: text(fields.next_step),
    field: text(fields.field),
  };
}

export function unreachable(): ApiError {
  return new ApiError({
    status: 0,
    code: "unreachable",
    title: "The server cannot be reached",
    detail: "The server cannot be reached.",
    next_step: "Check your connection; what you typed is kept.",
    field: "",
  });
}

/** The problem of anything thrown by a request; other errors are programming errors and stay visible as such. */
export function problemOf(error: unknown): Problem | null {
  if (!error) return null;
  if (error instanceof ApiError) return error.problem;
  return toProblem(0, { title: "Something went wrong", detail: error instanceof Error ? error.message : String(error) });
}
