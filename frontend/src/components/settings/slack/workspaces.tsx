"use client";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badges";
import { buttonClass } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { SelectField } from "@/components/ui/select-field";
import type { SlackWorkspace } from "@/lib/api/installation";

type Workspace = SlackWorkspace["workspaces"][number];
type Team = SlackWorkspace["teams_to_install"][number];

/** Begins at the server, which sends the person on to Slack. */
const installAddress = (team: string): string => `/slack/install?team=${encodeURIComponent(team)}`;

/** The workspaces of one's teams in which the app was installed, and how to install it in another one. */
export function Workspaces({ data }: { data: SlackWorkspace }) {
  return (
    <section aria-labelledby="workspaces-title" className="space-y-3">
      <h2 id="workspaces-title" className="font-semibold">
        Workspaces
      </h2>
      {data.workspaces.length > 0 ? (
        <DataTable
          label="Workspaces"
          columns={columns(data.teams_to_install)}
          rows={data.workspaces}
          rowKey={({ workspace }) => workspace}
        />
      ) : (
        <p className="text-muted">The app is in no workspace of your teams yet.</p>
      )}
      {data.teams_to_install.length > 0 && <AddToSlack teams={data.teams_to_install} />}
    </section>
  );
}

function columns(mine: readonly Team[]): readonly Column<Workspace>[] {
  return [
    {
      id: "workspace",
      header: "Workspace",
      cell: ({ workspace, name }) => (
        <>
          {name || workspace} <span className="font-mono text-xs font-normal text-muted">{workspace}</span>
        </>
      ),
    },
    { id: "team", header: "Reports to", cell: ({ team_name, team_key }) => `${team_name} (${team_key})` },
    {
      id: "state",
      header: "State",
      cell: (row) => <State workspace={row} canInstall={mine.some(({ key }) => key === row.team_key)} />,
    },
    {
      id: "installed",
      header: "Installed",
      cell: ({ installed_at, installed_by }) => (
        <>
          <RelativeTime at={installed_at} /> <span className="text-muted">by {installed_by}</span>
        </>
      ),
    },
  ];
}

function State({ workspace, canInstall }: { workspace: Workspace; canInstall: boolean }) {
  const { state, missing_scopes: missing } = workspace;
  const isWell = state === "connected" && missing.length === 0;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {isWell && <Badge tone="good" Icon={CircleCheck} label="Connected" />}
      {state === "connected" && missing.length > 0 && (
        <>
          <Badge tone="warn" Icon={TriangleAlert} label="Lacks permissions" />
          <span className="text-xs break-words text-muted">{missing.join(", ")}</span>
        </>
      )}
      {state === "expired" && (
        <>
          <Badge tone="bad" Icon={TriangleAlert} label="Tokens ended" />
          <span className="text-xs text-muted">They were not exchanged in time; posts wait.</span>
        </>
      )}
      {state === "revoked" && (
        <>
          <Badge tone="bad" Icon={TriangleAlert} label="Revoked" />
          <span className="text-xs text-muted">
            {workspace.revoked_reason}
            {workspace.revoked_at && (
              <>
                , <RelativeTime at={workspace.revoked_at} />
              </>
            )}
            . Posts wait for a day.
          </span>
        </>
      )}
      {!isWell && canInstall && (
        <a href={installAddress(workspace.team_key)} className="whitespace-nowrap text-accent hover:underline">
          Install again
        </a>
      )}
    </span>
  );
}

function AddToSlack({ teams }: { teams: readonly Team[] }) {
  const [chosen, setChosen] = useState(teams[0]?.key ?? "");
  const team = teams.some(({ key }) => key === chosen) ? chosen : (teams[0]?.key ?? "");
  return (
    <div className="flex flex-wrap items-end gap-3">
      {teams.length > 1 && (
        <SelectField
          id="slack-team"
          label="Its reports go to"
          choices={teams.map(({ key, name }) => ({ value: key, label: `${name} (${key})` }))}
          value={team}
          onChange={setChosen}
        />
      )}
      <a href={installAddress(team)} className={buttonClass("primary")}>
        Add to Slack
      </a>
    </div>
  );
}
