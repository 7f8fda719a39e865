"use client";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useRemoveMember } from "@/hooks/use-members";
import type { Member } from "@/lib/api-types";
import { notify } from "@/lib/notices";

interface Props {
  member: Member;
  teamId: number;
  isMe: boolean;
  onClose: () => void;
}

/** Asks once more before somebody leaves the team, or is taken out of it. */
export function RemoveMember({ member, teamId, isMe, onClose }: Props) {
  const remove = useRemoveMember(teamId);
  const done = () => {
    notify(`${member.name || member.username} is not in the team any more.`);
    onClose();
  };
  return (
    <ConfirmDialog
      title={isMe ? "Leave the team" : `Remove ${member.username}`}
      confirmLabel={isMe ? "Leave the team" : "Remove from the team"}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(member.id, { onSuccess: done })}
      onClose={onClose}
    >
      {isMe ? "You" : member.name || member.username} will not see the team's issues any more, and open pages stop at once. What
      was reported and said stays, under the same name. API tokens lose this team, too.
    </ConfirmDialog>
  );
}
