"use client";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useRevokeToken } from "@/hooks/use-tokens";
import type { Token } from "@/lib/api-types";
import { notify } from "@/lib/notices";

/** Asks once more before a token ends. */
export function RevokeToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const revoke = useRevokeToken();
  const done = () => {
    notify(`${token.name} is revoked.`);
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Revoke ${token.name}`}
      confirmLabel="Revoke the token"
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(token.id, { onSuccess: done })}
      onClose={onClose}
    >
      Whatever uses it is refused from now on. This cannot be undone; a new token has a new key.
    </ConfirmDialog>
  );
}
