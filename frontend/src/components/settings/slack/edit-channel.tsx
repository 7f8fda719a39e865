"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FormDialog } from "@/components/ui/form-dialog";
import { SelectField } from "@/components/ui/select-field";
import { useChannelChanges } from "@/hooks/use-slack";
import { repositories } from "@/lib/api/repositories";
import type { SlackChannel, SlackChannelChange, SlackChannels } from "@/lib/api/slack";
import { formErrors } from "@/lib/form-errors";
import { notify } from "@/lib/notices";
import { channelName } from "./channel-settings";

/** A team of others that has the channel already: it stays unless another one is chosen. */
const FOREIGN = "-";

interface Props {
  channel: SlackChannel;
  data: SlackChannels;
  onClose: () => void;
}

/** Whose the channel's reports are, what they are about, and whether apps' posts are some. */
export function EditChannel({ channel, data, onClose }: Props) {
  const { change, remove } = useChannelChanges();
  const own = data.workspaces.find(({ workspace }) => workspace === channel.workspace)?.team_key ?? "";
  const [team, setTeam] = useState(channel.is_foreign ? FOREIGN : channel.team);
  const [repository, setRepository] = useState(channel.repository);
  const [takesAlerts, setTakesAlerts] = useState(channel.takes_alerts);
  const names = useRepositoryNames(team || own);
  const errors = formErrors(change.error, ["team", "repository"]);
  const done = (said: string) => () => {
    notify(said);
    onClose();
  };
  const wanted: SlackChannelChange = {
    team: team === FOREIGN ? null : team,
    repository: team === FOREIGN ? null : repository,
    takes_alerts: team === FOREIGN ? null : takesAlerts,
    seen_at: channel.changed_at,
  };
  return (
    <FormDialog
      title={`Set up ${channelName(channel)}`}
      submitLabel="Save"
      isBusy={change.isPending}
      error={errors.rest ?? remove.error}
      onSubmit={() => change.mutate({ channel, change: wanted }, { onSuccess: done(`${channelName(channel)} is set up.`) })}
      onClose={onClose}
    >
      <SelectField
        id="team"
        label="Its reports go to"
        hint="Teams that you are an admin of."
        error={errors.at("team")}
        choices={[
          ...(channel.is_foreign ? [{ value: FOREIGN, label: "A team that is not yours, as now" }] : []),
          { value: "", label: own ? `The workspace's team (${own})` : "The workspace's team" },
          ...data.teams.map(({ key, name }) => ({ value: key, label: `${name} (${key})` })),
        ]}
        value={team}
        onChange={(key) => {
          setTeam(key);
          setRepository("");
        }}
      />
      {team !== FOREIGN && (
        <SelectField
          id="repository"
          label="They are about"
          hint="Unless a report names another one."
          error={errors.at("repository")}
          choices={[
            { value: "", label: "No repository in particular" },
            ...[...new Set([...names, ...(repository ? [repository] : [])])].map((name) => ({ value: name, label: name })),
          ]}
          value={repository}
          onChange={setRepository}
        />
      )}
      {team !== FOREIGN && (
        <label className="flex items-start gap-2.5">
          <input
            type="checkbox"
            checked={takesAlerts}
            onChange={(event) => setTakesAlerts(event.target.checked)}
            className="mt-0.5 size-4"
          />
          <span>
            <span className="block font-medium">What apps post is a report</span>
            <span className="block text-xs text-muted">
              For channels of alerts: not their replies, nor that a problem is over. People mention SAHUR.
            </span>
          </span>
        </label>
      )}
      {channel.changed_by && <p className="text-xs text-muted">Last changed by {channel.changed_by}.</p>}
      <Button
        variant="quiet"
        isBusy={remove.isPending}
        onClick={() => remove.mutate(channel, { onSuccess: done(`Nothing is set for ${channelName(channel)} any more.`) })}
      >
        Forget what is set here
      </Button>
    </FormDialog>
  );
}

function useRepositoryNames(team: string): string[] {
  const found = useQuery({ queryKey: ["repositories"], queryFn: repositories.repositories });
  return (found.data?.results ?? []).filter((each) => each.team === team).map(({ name }) => name);
}
