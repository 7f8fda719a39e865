import { CircleCheck, CircleDashed, CircleDot, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badges";
import type { IndexState, IndexTone } from "@/lib/repository-view";

const ICONS: Record<IndexTone, LucideIcon> = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  accent: CircleDot,
  neutral: CircleDashed,
};

export function IndexBadge({ state }: { state: IndexState }) {
  return <Badge tone={state.tone} Icon={ICONS[state.tone]} label={state.label} isLive={state.tone === "accent"} />;
}

/** How far the work is, as a bar; without a number it only says that there is work. */
export function IndexProgress({ state, label }: { state: IndexState; label: string }) {
  if (state.tone !== "accent") return null;
  return (
    <div className="flex items-center gap-2">
      <progress
        aria-label={label}
        max={100}
        value={state.percent ?? undefined}
        className="h-1.5 w-full max-w-64 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent"
      />
      {state.percent !== null && <span className="text-xs whitespace-nowrap text-muted">{state.percent} %</span>}
    </div>
  );
}
