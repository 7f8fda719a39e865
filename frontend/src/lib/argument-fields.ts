/** The arguments of a tool as fields of a form, by the JSON Schema that the server holds an edit against. */

export type ArgumentField = {
  name: string;
  hint: string;
  isRequired: boolean;
} & (
  | { kind: "text"; isLong: boolean }
  | { kind: "number"; isWhole: boolean; min: number | undefined; max: number | undefined }
  | { kind: "flag" }
  | { kind: "choice"; options: readonly string[] }
  /** Lists and objects: edited as JSON only. */
  | { kind: "nested" }
);

type Schema = Record<string, unknown>;

const LONG_TEXT = 60;

const isObject = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);
const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** One field for each property of the schema; none where the schema does not name them all, so that JSON is left. */
export function fieldsOf(schema: Schema, values: Record<string, unknown>): ArgumentField[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const isComplete = Object.keys(values).every((name) => name in properties);
  if (!isComplete) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, isObject(property) ? property : {}, values[name], required.includes(name)),
  );
}

function fieldOf(name: string, property: Schema, value: unknown, isRequired: boolean): ArgumentField {
  const base = { name, hint: typeof property.description === "string" ? property.description : "", isRequired };
  const options = Array.isArray(property.enum) ? property.enum : [];
  if (options.length > 0 && options.every((option) => typeof option === "string")) {
    return { ...base, kind: "choice", options };
  }
  switch (property.type) {
    case "string": {
      const isLong = typeof value === "string" && (value.length > LONG_TEXT || value.includes("\n"));
      return { ...base, kind: "text", isLong };
    }
    case "boolean":
      return { ...base, kind: "flag" };
    case "integer":
    case "number": {
      const { minimum, maximum } = property;
      return { ...base, kind: "number", isWhole: property.type === "integer", min: numberOf(minimum), max: numberOf(maximum) };
    }
    default:
      return { ...base, kind: "nested" };
  }
}

/** With the changed value; one that is left empty and may be missing is left out. */
export function withArgument(
  values: Record<string, unknown>,
  field: ArgumentField,
  value: string | number | boolean,
): Record<string, unknown> {
  const isEmpty = value === "" || (typeof value === "number" && Number.isNaN(value));
  if (isEmpty && (field.kind !== "text" || !field.isRequired)) {
    const { [field.name]: _, ...others } = values;
    return others;
  }
  return { ...values, [field.name]: value };
}
