import { CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badges";
import { CopyButton } from "@/components/ui/copy-button";
import type { SlackWorkspace } from "@/lib/api/installation";

const MODES: Record<SlackWorkspace["mode"], string> = {
  off: "Make a Slack app from the manifest, and set its tokens, to take reports there",
  http: "Events come over HTTP",
  socket: "Events come over Socket Mode",
};

/** What is set, and how events come; never a secret itself. */
export function Connection({ data }: { data: SlackWorkspace }) {
  const isOn = data.mode !== "off";
  // Half of it is a mistake; none of it is a choice.
  const isHalf = !isOn && (data.has_bot_token || data.has_client || data.has_signing_secret || data.has_app_token);
  return (
    <section aria-labelledby="connection-title" className="space-y-3">
      <h2 id="connection-title" className="font-semibold">
        Connection
      </h2>
      <dl className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        <Row name="Slack">
          <Badge
            tone={isOn ? "good" : "neutral"}
            Icon={isOn ? CircleCheck : CircleDashed}
            label={isOn ? "Set up" : "Not set up"}
          />
          <span>{isHalf ? "A part of what it needs is missing" : MODES[data.mode]}</span>
        </Row>
        {data.mode === "socket" && (
          <Row name="Socket Mode">
            <SocketMode connections={data.socket_connections} />
          </Row>
        )}
        <Row name="OAuth client">
          <IsSet isSet={data.has_client} variable="SLACK_CLIENT_ID, SLACK_CLIENT_SECRET" isMissing={false} />
          <span className="text-xs text-muted">for several workspaces</span>
        </Row>
        {!data.has_client && (
          <Row name="Bot token">
            <IsSet isSet={data.has_bot_token} variable="SLACK_BOT_TOKEN" isMissing={isHalf} />
          </Row>
        )}
        <Row name="Signing secret">
          <IsSet isSet={data.has_signing_secret} variable="SLACK_SIGNING_SECRET" isMissing={isHalf && !data.has_app_token} />
        </Row>
        <Row name="App token">
          <IsSet isSet={data.has_app_token} variable="SLACK_APP_TOKEN" isMissing={false} />
          {!data.has_app_token && <span className="text-xs text-muted">only for Socket Mode</span>}
        </Row>
        {data.mode !== "socket" && (
          <Row name="Request URL">
            <Address url={data.events_url} label="Copy the request URL" />
          </Row>
        )}
        {data.has_client && (
          <Row name="Redirect URL">
            <Address url={data.redirect_url} label="Copy the redirect URL" />
          </Row>
        )}
        {data.api_host && <Row name="API">{data.api_host}</Row>}
        {!data.has_client && (
          <Row name="Reports go to">
            <ReportsTo data={data} />
          </Row>
        )}
      </dl>
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        {data.has_client
          ? "Each workspace reports to the team that it was installed for."
          : "One workspace is connected, and what is reported there belongs to one team."}{" "}
        These settings are made where the system runs, and hold from the next start.
      </p>
    </section>
  );
}

function SocketMode({ connections }: { connections: number | null }) {
  if (connections === null) return <span className="text-muted">Valkey does not answer, so nothing is known of it</span>;
  if (connections > 0) {
    return (
      <>
        <Badge tone="good" Icon={CircleCheck} label="Connected" />
        {connections > 1 && <span>{connections} times</span>}
      </>
    );
  }
  return (
    <>
      <Badge tone="bad" Icon={TriangleAlert} label="Not connected" />
      <span className="break-words">
        Nothing that is said in Slack arrives. Start <code className="text-xs">python manage.py runslack</code>.
      </span>
    </>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[10rem_minmax(0,1fr)] sm:items-center">
      <dt className="text-[0.8125rem] text-muted">{name}</dt>
      <dd className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
    </div>
  );
}

function Address({ url, label }: { url: string; label: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="min-w-0 text-xs break-all">{url}</code>
      <CopyButton text={url} label={label} />
    </span>
  );
}

function IsSet({ isSet, variable, isMissing }: { isSet: boolean; variable: string; isMissing: boolean }) {
  return (
    <>
      <span className={!isSet && isMissing ? "text-warn" : ""}>{isSet ? "Set" : "Not set"}</span>
      <code className="text-xs text-muted">{variable}</code>
    </>
  );
}

function ReportsTo({ data }: { data: SlackWorkspace }) {
  if (data.team_name) {
    return (
      <span>
        {data.team_name} <span className="text-muted">({data.team_key})</span>
      </span>
    );
  }
  return (
    <>
      <Badge tone="bad" Icon={TriangleAlert} label="No such team" />
      <span className="break-words">
        SAHUR_SLACK_TEAM is {data.team_key || "empty"}. Set it to the key of a team; until then reports from Slack are refused.
      </span>
    </>
  );
}
