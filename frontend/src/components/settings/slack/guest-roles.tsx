"use client";
import { ProblemNote } from "@/components/ui/problem-note";
import { SelectField } from "@/components/ui/select-field";
import { useChannelChanges } from "@/hooks/use-slack";
import type { GuestRole, SlackWorkspaceOfChannels } from "@/lib/api/slack";
import { notify } from "@/lib/notices";

const CHOICES: { value: GuestRole; label: string }[] = [
  { value: "responder", label: "Report, steer and answer" },
  { value: "viewer", label: "Only read" },
  { value: "", label: "Nothing" },
];
const labelOf = (role: string): string => CHOICES.find(({ value }) => value === role)?.label ?? "Everything an admin may";

/** What people may do who have no role in the team, workspace by workspace. */
export function GuestRoles({ workspaces }: { workspaces: readonly SlackWorkspaceOfChannels[] }) {
  const { setGuestRole } = useChannelChanges();
  if (workspaces.length === 0) return null;
  return (
    <div className="space-y-3">
      <div className="grid max-w-3xl gap-3 sm:grid-cols-2">
        {workspaces.map((each) =>
          each.has_own_guest_role && each.guest_role !== "admin" ? (
            <SelectField
              key={each.workspace}
              id={`guests-${each.workspace}`}
              label={`Guests of ${each.name || each.workspace} may`}
              hint="Guests have no role in the team that the workspace reports to. Nobody in the workspace may less than they."
              choices={CHOICES}
              value={each.guest_role}
              onChange={(role) =>
                setGuestRole.mutate(
                  { workspace: each.workspace, role, was: each.guest_role },
                  {
                    onSuccess: () => notify(`Guests of ${each.name || each.workspace} may now: ${labelOf(role).toLowerCase()}.`),
                  },
                )
              }
            />
          ) : (
            <p key={each.workspace} className="text-[0.8125rem]">
              <span className="block font-medium">Guests of {each.name || each.workspace} may</span>
              {labelOf(each.guest_role)}
              <span className="block text-xs text-muted">
                Set where the system runs: <code>SAHUR_SLACK_GUEST_ROLE</code>
              </span>
            </p>
          ),
        )}
      </div>
      <ProblemNote error={setGuestRole.error} />
    </div>
  );
}
