import type { ComponentProps, ReactNode } from "react";
import { describedBy, Field, inputClass } from "./field";

interface Props extends Omit<ComponentProps<"input">, "id" | "value" | "onChange"> {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  isOptional?: boolean;
  /** Addresses, names and keys that programs read: neither completed nor corrected. */
  isCode?: boolean;
  value: string;
  onChange: (value: string) => void;
}

const CODE = { autoComplete: "off", autoCapitalize: "none", spellCheck: false } as const;

/** One line of text with its label. */
export function TextField({ id, label, hint, error, isOptional, isCode = false, onChange, className = "", ...input }: Props) {
  return (
    <Field id={id} label={label} isOptional={isOptional} hint={hint} error={error}>
      <input
        {...(isCode && CODE)}
        {...input}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        className={`${inputClass} ${isCode ? "font-mono" : ""} ${className}`}
      />
    </Field>
  );
}
