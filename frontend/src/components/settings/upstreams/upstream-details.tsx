"use client";
import { type ReactNode, useState } from "react";
import { type Column, DataTable } from "@/components/ui/data-table";
import { inputClass } from "@/components/ui/field";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Upstream, UpstreamTool } from "@/lib/api/installation";
import { duration } from "@/lib/format";
import { BREAKER_NAMES, matchingTools, PERMISSION_NAMES, RISK_NAMES } from "@/lib/upstream-view";

/** From so many tools on there is a field to find one. */
const MANY = 12;

export function UpstreamDetails({ upstream }: { upstream: Upstream }) {
  return (
    <div className="space-y-4 border-t border-line bg-paper/50 px-4 py-4">
      {upstream.problem.includes("\n") && (
        <pre className="max-h-48 overflow-auto rounded border border-line bg-raised p-2 text-xs whitespace-pre-wrap">
          {upstream.problem}
        </pre>
      )}
      <Facts upstream={upstream} />
      <Tools upstream={upstream} />
    </div>
  );
}

function Facts({ upstream }: { upstream: Upstream }) {
  const { rules, protocol, breaker, last_failure, last_failed_at, under_way, resource_count, prompt_count } = upstream;
  const isUsed = upstream.state !== "disabled" && upstream.state !== "misconfigured";
  const risks = Object.entries(rules.risk).map(([glob, risk]) => `${glob}: ${risk}`);
  return (
    <dl className="grid gap-x-8 gap-y-2 text-[0.8125rem] sm:grid-cols-2">
      {protocol && <Fact name="Protocol">{protocol}</Fact>}
      {isUsed && <Fact name="Breaker">{BREAKER_NAMES[breaker]}</Fact>}
      {last_failure && (
        <Fact name="Last failure">
          {last_failure} {last_failed_at && <RelativeTime at={last_failed_at} className="text-muted" />}
        </Fact>
      )}
      {under_way > 0 && <Fact name="Under way">{under_way}</Fact>}
      {resource_count + prompt_count > 0 && (
        <Fact name="Also offers">
          {resource_count} resources, {prompt_count} prompts
        </Fact>
      )}
      {isUsed && (
        <Fact name="Limits">
          {duration(rules.timeout_seconds * 1000)} for a call, {rules.max_concurrency} side by side
          {rules.cache_seconds > 0 && `, reads kept for ${duration(rules.cache_seconds * 1000)}`}
        </Fact>
      )}
      {isUsed && (
        <Fact name="Allow">
          <Globs globs={rules.allow} />
        </Fact>
      )}
      {rules.ask.length > 0 && (
        <Fact name="Ask">
          <Globs globs={rules.ask} />
        </Fact>
      )}
      {rules.deny.length > 0 && (
        <Fact name="Deny">
          <Globs globs={rules.deny} />
        </Fact>
      )}
      {risks.length > 0 && (
        <Fact name="Risk, as set">
          <Globs globs={risks} />
        </Fact>
      )}
      {rules.hosts.length > 0 && (
        <Fact name="Reads links of">
          <Globs globs={rules.hosts} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

const Globs = ({ globs }: { globs: readonly string[] }) => <code className="text-xs break-all">{globs.join(", ")}</code>;

const COLUMNS: readonly Column<UpstreamTool>[] = [
  {
    id: "name",
    header: "Tool",
    cell: ({ name, description, has_changed }) => (
      <div className="max-w-xl">
        <p className="font-mono text-[0.8125rem] break-all">{name}</p>
        {description && <p className="text-xs font-normal break-words text-muted">{description}</p>}
        {has_changed && (
          <p className="text-xs font-normal text-warn">It describes itself otherwise than at first. Look at it again.</p>
        )}
      </div>
    ),
  },
  { id: "risk", header: "Risk", cell: ({ risk }) => RISK_NAMES[risk] },
  {
    id: "permission",
    header: "For runs",
    cell: ({ permission, reason }) => (
      <>
        <p className={permission === "deny" ? "text-muted" : "font-medium"}>{PERMISSION_NAMES[permission]}</p>
        <p className="text-xs text-muted">{reason}</p>
      </>
    ),
  },
];

function Tools({ upstream }: { upstream: Upstream }) {
  const [words, setWords] = useState("");
  const { tools, name } = upstream;
  if (tools.length === 0) return <p className="text-[0.8125rem] text-muted">It offers no tools at present.</p>;
  const shown = matchingTools(tools, words);
  return (
    <div className="space-y-2">
      {tools.length >= MANY && (
        <input
          type="search"
          aria-label={`Find a tool of ${name}`}
          placeholder={`Find one of ${tools.length} tools`}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className={`${inputClass} max-w-sm`}
        />
      )}
      {shown.length > 0 ? (
        <DataTable label={`Tools of ${name}`} columns={COLUMNS} rows={shown} rowKey={(tool) => tool.name} />
      ) : (
        <p className="text-[0.8125rem] text-muted">No tool of {name} has these words.</p>
      )}
    </div>
  );
}
