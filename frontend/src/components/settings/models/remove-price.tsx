"use client";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { usePriceChanges } from "@/hooks/use-installation";
import { notify } from "@/lib/notices";

export function RemovePrice({ name, onClose }: { name: string; onClose: () => void }) {
  const { remove } = usePriceChanges();
  const confirm = () =>
    remove.mutate(name, {
      onSuccess: () => {
        notify(`The price of ${name} was removed.`);
        onClose();
      },
    });
  return (
    <ConfirmDialog
      title={`Remove the price of ${name}`}
      confirmLabel="Remove price"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      The built-in list then holds for these models, if it knows them; else the cost of their calls is not known. What was spent
      before stays as it was counted.
    </ConfirmDialog>
  );
}
