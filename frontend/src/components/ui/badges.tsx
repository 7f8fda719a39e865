import {
  Ban,
  CheckCheck,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CircleX,
  GitMerge,
  Hourglass,
  type LucideIcon,
  MessageCircleQuestion,
  ThumbsUp,
} from "lucide-react";
import { RUN_STATUS_NAMES, VERDICT_NAMES } from "@/lib/format";
import type { RunStatus, Verdict } from "@/lib/run-state";

export type Tone = "good" | "warn" | "bad" | "accent" | "neutral";

const TONES: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  accent: "bg-accent-soft text-accent",
  neutral: "bg-raised text-muted",
};

/** Icon, word and color say the same thing: none of them is needed alone. */
export function Badge({ tone, Icon, label, isLive = false }: { tone: Tone; Icon: LucideIcon; label: string; isLive?: boolean }) {
  return (
    <span className={`inline-flex h-6 items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}>
      <Icon className={`size-3.5 shrink-0 ${isLive ? "live-dot" : ""}`} aria-hidden />
      {label}
    </span>
  );
}

const RUN_BADGES: Record<RunStatus, { tone: Tone; Icon: LucideIcon }> = {
  queued: { tone: "neutral", Icon: Hourglass },
  running: { tone: "accent", Icon: CircleDot },
  waiting: { tone: "warn", Icon: MessageCircleQuestion },
  // Not green: it came to its end, which says nothing yet about what it found.
  succeeded: { tone: "neutral", Icon: CircleCheck },
  failed: { tone: "bad", Icon: CircleX },
  canceled: { tone: "neutral", Icon: Ban },
};

interface RunStatusBadgeProps {
  status: RunStatus;
  isStopping?: boolean;
  /** Nobody stopped it: the same problem was being investigated already. */
  hasJoined?: boolean;
}

export function RunStatusBadge({ status, isStopping = false, hasJoined = false }: RunStatusBadgeProps) {
  if (hasJoined && status === "canceled") return <Badge tone="neutral" Icon={GitMerge} label="Joined" />;
  if (isStopping) return <Badge tone="warn" Icon={CircleDot} label="Stopping…" isLive />;
  return <Badge {...RUN_BADGES[status]} label={RUN_STATUS_NAMES[status]} isLive={status === "running"} />;
}

const VERDICT_BADGES: Record<Verdict, { tone: Tone; Icon: LucideIcon }> = {
  confirmed: { tone: "good", Icon: CheckCheck },
  likely: { tone: "accent", Icon: ThumbsUp },
  // Not a warning: not to know is an answer too.
  inconclusive: { tone: "neutral", Icon: CircleHelp },
};

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return <Badge {...VERDICT_BADGES[verdict]} label={VERDICT_NAMES[verdict]} />;
}

export function IssueStatusBadge({ status }: { status: "open" | "closed" }) {
  return status === "open" ? (
    <Badge tone="neutral" Icon={CircleDashed} label="Open" />
  ) : (
    <Badge tone="neutral" Icon={CheckCheck} label="Closed" />
  );
}
