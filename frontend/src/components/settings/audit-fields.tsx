"use client";
import { inputClass } from "@/components/ui/field";
import type { AuditFilter } from "@/lib/audit-filter";

interface Props {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
  /** Actions to offer while typing. */
  actions: readonly string[];
}

const FIELDS: readonly { name: keyof AuditFilter; label: string; type: "search" | "date"; hint?: string }[] = [
  { name: "actor", label: "Who", type: "search", hint: "part of a name" },
  { name: "action", label: "Action", type: "search", hint: "membership" },
  { name: "target", label: "Target", type: "search", hint: "SAH-12" },
  { name: "from", label: "From", type: "date" },
  { name: "to", label: "To", type: "date" },
];

/** The filter of the audit log; each field holds at once. */
export function AuditFields({ filter, onChange, actions }: Props) {
  return (
    <search className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-5">
      {FIELDS.map(({ name, label, type, hint }) => (
        <label key={name} className="text-xs text-muted first:col-span-2 sm:first:col-span-1">
          {label}
          <input
            type={type}
            value={filter[name]}
            placeholder={hint}
            list={name === "action" ? "audit-actions" : undefined}
            maxLength={name === "action" ? 60 : 200}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => onChange({ ...filter, [name]: event.target.value })}
            className={`${inputClass} mt-1`}
          />
        </label>
      ))}
      <datalist id="audit-actions">
        {[...actions].sort().map((action) => (
          <option key={action} value={action} />
        ))}
      </datalist>
    </search>
  );
}
