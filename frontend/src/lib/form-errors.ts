/** Where in a form a refusal belongs: at the field that the server names, else below all of them. */
import { problemOf } from "./problem";

export interface FormErrors<Name extends string> {
  /** What is wrong with this field and what to do. */
  at: (name: Name) => string | undefined;
  /** The error, unless it was told at a field. */
  rest: unknown;
}

export function formErrors<Name extends string>(error: unknown, names: readonly Name[]): FormErrors<Name> {
  const problem = problemOf(error);
  // `credential.token`: the field inside of a part of the form.
  const field = problem?.field.split(".").at(-1);
  const named = names.find((name) => name === field);
  const told = [problem?.detail, problem?.next_step].filter(Boolean).join(" ");
  return { at: (name) => (name === named ? told : undefined), rest: named ? null : error };
}
