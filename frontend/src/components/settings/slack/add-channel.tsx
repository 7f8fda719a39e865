"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import { useChannelChanges } from "@/hooks/use-slack";
import type { SlackWorkspaceOfChannels } from "@/lib/api/slack";
import { formErrors } from "@/lib/form-errors";
import { notify } from "@/lib/notices";

/** Lists a channel by its id or link, so that something can be set for it before the first report. */
export function AddChannel({ workspaces, onClose }: { workspaces: readonly SlackWorkspaceOfChannels[]; onClose: () => void }) {
  const { add } = useChannelChanges();
  const [workspace, setWorkspace] = useState(workspaces[0]?.workspace ?? "");
  const [channel, setChannel] = useState("");
  const errors = formErrors(add.error, ["channel"]);
  const done = () => {
    notify("The channel is listed. Slack is asked what it is.");
    onClose();
  };
  return (
    <FormDialog
      title="Add a channel"
      submitLabel="Add the channel"
      isBusy={add.isPending}
      isReady={channel.trim() !== ""}
      error={errors.rest}
      onSubmit={() => add.mutate({ workspace, channel: channel.trim() }, { onSuccess: done })}
      onClose={onClose}
    >
      {workspaces.length > 1 && (
        <SelectField
          id="workspace"
          label="Workspace"
          choices={workspaces.map(({ workspace: id, name }) => ({ value: id, label: name ? `${name} (${id})` : id }))}
          value={workspace}
          onChange={setWorkspace}
        />
      )}
      <TextField
        id="channel"
        label="Channel"
        isCode
        data-first-focus
        maxLength={500}
        placeholder="https://acme.slack.com/archives/C0123ABC"
        hint="Its link or its id. In Slack: the channel's name, at the bottom of About."
        error={errors.at("channel")}
        value={channel}
        onChange={setChannel}
      />
    </FormDialog>
  );
}
