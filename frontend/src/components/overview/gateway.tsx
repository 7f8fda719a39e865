import { CircleCheck, CircleX, MinusCircle } from "lucide-react";
import Link from "next/link";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { count } from "@/lib/format";
import type { GatewayHealth, UpstreamHealth } from "@/lib/overview";

/** The gateway and the servers behind it, those that are not well first. */
export function Gateway({ gateway, mayOpenSettings }: { gateway: GatewayHealth; mayOpenSettings: boolean }) {
  const { upstreams, problem, is_well: isWell } = gateway;
  const down = upstreams.filter((each) => !each.is_well).length;
  const aside = !isWell
    ? "not well"
    : down > 0
      ? `${down} of ${upstreams.length} upstreams down`
      : `${upstreams.length} upstreams well`;
  const sorted = [...upstreams].sort((a, b) => Number(a.is_well) - Number(b.is_well) || a.name.localeCompare(b.name));
  return (
    <Panel title="Gateway" aside={aside}>
      {!isWell && (
        <p className="border-b border-line px-3 py-3 text-[0.8125rem] break-words text-bad">
          {problem || "It is not well: tools may not answer. Tell an admin."}
        </p>
      )}
      <ul className="divide-y divide-line">
        {sorted.map((upstream) => (
          <Upstream key={upstream.name} upstream={upstream} />
        ))}
      </ul>
      {mayOpenSettings && (
        <p className="border-t border-line px-3 py-2">
          <Link
            href="/settings/upstreams/"
            prefetch={false}
            className="inline-flex min-h-6 items-center text-[0.8125rem] text-accent hover:underline pointer-coarse:min-h-11"
          >
            Tools and policies of the upstreams
          </Link>
        </p>
      )}
    </Panel>
  );
}

const BREAKER_TEXTS: Record<string, string> = {
  open: "left alone for some seconds after errors in a row",
  half_open: "the next call tries whether it is well again",
};

function Upstream({ upstream }: { upstream: UpstreamHealth }) {
  const { name, is_well: isWell, state, kind, tool_count: tools, problem, breaker } = upstream;
  const isOff = state === "disabled";
  const Icon = isOff ? MinusCircle : isWell ? CircleCheck : CircleX;
  const tone = isOff ? "text-faint" : isWell ? "text-good" : "text-bad";
  const rest = BREAKER_TEXTS[breaker ?? ""];
  return (
    <li className="flex items-start gap-2.5 px-3 py-2 text-[0.8125rem]">
      <Icon className={`mt-0.5 size-4 shrink-0 ${tone}`} aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="font-medium break-all">{name}</span>
          <span className="text-xs text-muted">
            {[state ?? (isWell ? "well" : "not well"), kind, tools && `${count(tools)} tools`].filter(Boolean).join(" · ")}
          </span>
        </p>
        {problem && !isOff && <p className="text-xs break-words text-bad">{problem}</p>}
        {rest && <p className="text-xs text-warn">Breaker: {rest}</p>}
        <LastFailure upstream={upstream} />
      </div>
    </li>
  );
}

function LastFailure({ upstream: { last_failure: failure, last_failed_at: at, problem } }: { upstream: UpstreamHealth }) {
  if (!failure || !at || problem) return null;
  return (
    <p className="text-xs break-words text-muted">
      Last failure <RelativeTime at={at} />: {failure}
    </p>
  );
}
