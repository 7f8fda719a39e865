/** Arguments of a tool call as a text that a person changes, and back. */

export const asText = (values: Record<string, unknown>): string => JSON.stringify(values, null, 2);

export type ReadArguments = { values: Record<string, unknown>; problem: "" } | { values: null; problem: string };

/** Only a JSON object can be arguments; the problem says what is wrong, in the parser's words where it has some. */
export function readArguments(text: string): ReadArguments {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { values: null, problem: `This is not valid JSON: ${error.message}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { values: null, problem: 'The arguments are one JSON object: {"name": value, …}' };
  return { values: value as Record<string, unknown>, problem: "" };
}
