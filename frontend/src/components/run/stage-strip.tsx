import { Ban, Check, Circle, CircleDot, type LucideIcon, X } from "lucide-react";
import { useNow } from "@/hooks/use-now";
import { between, duration, STAGE_NAMES } from "@/lib/format";
import { type RunState, STAGES, type StageProgress } from "@/lib/run-state";

const LOOKS: Record<StageProgress["state"], { Icon: LucideIcon; word: string; look: string; bar: string }> = {
  pending: { Icon: Circle, word: "not started", look: "text-faint", bar: "bg-line" },
  running: { Icon: CircleDot, word: "running", look: "text-accent", bar: "bg-accent" },
  finished: { Icon: Check, word: "done", look: "text-ink", bar: "bg-good" },
  kept: { Icon: Check, word: "kept from the earlier run", look: "text-muted", bar: "bg-line-strong" },
  failed: { Icon: X, word: "failed", look: "text-bad", bar: "bg-bad" },
  stopped: { Icon: Ban, word: "stopped", look: "text-muted", bar: "bg-line-strong" },
};

/** How far the run is: its four stages, each with a word, an icon and its time. */
export function StageStrip({ run }: { run: RunState }) {
  const isMoving = run.status === "running";
  const now = useNow(isMoving ? 1000 : null);
  return (
    <ol aria-label="Stages" className="grid grid-cols-4 gap-1.5 sm:gap-2">
      {STAGES.map((stage) => {
        const progress = run.stages[stage];
        const { Icon, word, look, bar } = LOOKS[progress.state];
        const spent = between(progress.startedAt, progress.state === "running" ? now : progress.endedAt);
        return (
          <li key={stage} aria-current={progress.state === "running" ? "step" : undefined} className="min-w-0">
            <div className={`h-1 rounded-full ${bar} ${progress.state === "running" ? "live-dot" : ""}`} aria-hidden />
            <div className={`mt-1.5 flex items-start gap-1 text-2xs sm:text-xs ${look}`}>
              <Icon className="mt-px size-3.5 shrink-0" aria-hidden />
              <span className="min-w-0">
                <span className="font-medium">{STAGE_NAMES[stage]}</span>
                <span className="sr-only">: {word}</span>
                {progress.state === "kept" && (
                  <span className="block text-muted sm:ml-1.5 sm:inline" aria-hidden>
                    kept
                  </span>
                )}
                {spent !== null && <span className="block text-muted sm:ml-1.5 sm:inline">{duration(spent)}</span>}
              </span>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
