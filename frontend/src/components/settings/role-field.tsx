import { SelectField } from "@/components/ui/select-field";
import type { Role } from "@/lib/decisions";
import { ROLE_NAMES, ROLE_RIGHTS, ROLES } from "@/lib/roles";

const CHOICES = ROLES.map((role) => ({ value: role, label: ROLE_NAMES[role] }));

/** A role to choose, with what it allows. */
export function RoleField({ id, value, onChange }: { id: string; value: Role; onChange: (role: Role) => void }) {
  return <SelectField id={id} label="Role" hint={ROLE_RIGHTS[value]} choices={CHOICES} value={value} onChange={onChange} />;
}
