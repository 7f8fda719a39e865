"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { TextField } from "@/components/ui/text-field";
import { useSaveView } from "@/hooks/use-views";
import type { SavedView } from "@/lib/api-types";
import { notify } from "@/lib/notices";

interface Props {
  /** The one to be renamed; a new one without it. */
  view: SavedView | undefined;
  views: readonly SavedView[];
  query: string;
  onClose: () => void;
}

/** Gives a search its name. The name of another view is offered to be replaced, never silently taken. */
export function SaveView({ view, views, query, onClose }: Props) {
  const [name, setName] = useState(view?.name ?? "");
  const save = useSaveView((saved) => {
    notify(`The view ${saved.name} is saved.`);
    onClose();
  });
  const same = view ? undefined : views.find((each) => each.name === name.trim());
  return (
    <FormDialog
      title={view ? "Rename view" : "Save view"}
      submitLabel={same ? "Replace view" : "Save view"}
      isBusy={save.isPending}
      error={save.error}
      onSubmit={() => name.trim() && save.mutate({ id: view?.id ?? same?.id, name: name.trim(), query })}
      onClose={onClose}
    >
      <TextField
        id="view-name"
        label="Name"
        hint={same ? "A view has this name. Its search is replaced by this one." : "Only you see your views."}
        required
        maxLength={80}
        placeholder="Waiting for us"
        value={name}
        onChange={setName}
      />
    </FormDialog>
  );
}
