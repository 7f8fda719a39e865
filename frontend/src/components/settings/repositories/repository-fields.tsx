"use client";
import { describedBy, Field, inputClass } from "@/components/ui/field";

interface TextProps {
  id: string;
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  maxLength: number;
  isRequired?: boolean;
  placeholder?: string;
}

/** One line of machine text: addresses, branches, commands. */
export function TextField({
  id,
  label,
  hint,
  value,
  onChange,
  error,
  maxLength,
  isRequired = false,
  placeholder = "",
}: TextProps) {
  return (
    <Field id={id} label={label} isOptional={!isRequired} hint={hint} error={error}>
      <input
        id={id}
        required={isRequired}
        maxLength={maxLength}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        className={`${inputClass} font-mono`}
      />
    </Field>
  );
}

export function TestCommandField({ value, onChange, error }: Pick<TextProps, "value" | "onChange" | "error">) {
  return (
    <TextField
      id="test_command"
      label="Test command"
      hint="Runs in the sandbox on a copy with a proposed patch, if this installation has one. Empty: patches are not tested."
      placeholder="pytest -q"
      maxLength={500}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}
