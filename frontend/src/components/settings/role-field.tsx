import { describedBy, Field, inputClass } from "@/components/ui/field";
import type { Role } from "@/lib/decisions";
import { ROLE_NAMES, ROLE_RIGHTS, ROLES } from "@/lib/roles";

/** A role to choose, with what it allows. */
export function RoleField({ id, value, onChange }: { id: string; value: Role; onChange: (role: Role) => void }) {
  return (
    <Field id={id} label="Role" hint={ROLE_RIGHTS[value]}>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value as Role)}
        aria-describedby={describedBy(id)}
        className={inputClass}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {ROLE_NAMES[role]}
          </option>
        ))}
      </select>
    </Field>
  );
}
