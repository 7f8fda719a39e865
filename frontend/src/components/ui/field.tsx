import type { ReactNode } from "react";

export const inputClass =
  "w-full rounded-md border border-line-strong bg-surface px-3 py-1.5 text-base text-ink placeholder:text-faint sm:text-sm min-h-9 pointer-coarse:min-h-11 aria-invalid:border-bad";

interface FieldProps {
  id: string;
  label: string;
  hint?: ReactNode;
  /** What the server says is wrong with this field. */
  error?: string;
  isOptional?: boolean;
  children: ReactNode;
}

/** The input inside takes `aria-describedby={describedBy(id)}`. */
export function Field({ id, label, hint, error, isOptional = false, children }: FieldProps) {
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-[0.8125rem] font-medium">
        {label}
        {isOptional && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      {children}
      <div id={describedBy(id)} className="text-xs">
        {error ? (
          <p role="alert" className="font-medium text-bad">
            {error}
          </p>
        ) : (
          hint && <p className="text-muted">{hint}</p>
        )}
      </div>
    </div>
  );
}

export const describedBy = (id: string): string => `${id}-note`;
