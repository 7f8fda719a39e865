"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate({ id: view?.id ?? same?.id, name: name.trim(), query });
  };
  return (
    <Dialog title={view ? "Rename view" : "Save view"} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <Field
          id="view-name"
          label="Name"
          hint={same ? "A view has this name. Its search is replaced by this one." : "Only you see your views."}
        >
          <input
            id="view-name"
            required
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder="Waiting for us"
            aria-describedby={describedBy("view-name")}
            className={inputClass}
          />
        </Field>
        <ProblemNote error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {same ? "Replace view" : "Save view"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
