import type { ReactNode } from "react";
import { describedBy, Field, inputClass } from "./field";

interface Props<Value extends string> {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  choices: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a few, with its label. */
export function SelectField<Value extends string>({ id, label, hint, error, choices, value, onChange }: Props<Value>) {
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        className={inputClass}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Field>
  );
}
