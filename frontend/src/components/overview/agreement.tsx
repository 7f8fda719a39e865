import { ThumbsDown, ThumbsUp } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import { count, VERDICT_NAMES } from "@/lib/format";
import { type Overview, percent } from "@/lib/overview";

/** How far people agreed with the answers: what they told when they closed issues, and their feedback. */
export function Agreement({ overview: { agreement, votes } }: { overview: Overview }) {
  const told = agreement.reduce((sum, row) => sum + row.right + row.wrong, 0);
  const voted = votes.up + votes.down;
  return (
    <Panel title="What people said" aside={told > 0 ? `of ${count(told)} answers` : ""}>
      <div className="space-y-3 px-3 py-3">
        {agreement.map(({ verdict, right, wrong }) => (
          <div key={verdict}>
            <p className="flex items-baseline justify-between gap-3 text-[0.8125rem]">
              <span>{VERDICT_NAMES[verdict]}</span>
              <span className="text-muted">
                <span className="font-medium text-ink">{count(right)} right</span>, {count(wrong)} wrong
              </span>
            </p>
            <span className="mt-1 flex h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden>
              <span className="bg-good" style={{ width: `${percent(right, right + wrong)}%` }} />
              <span className="ml-px flex-1 bg-bad" hidden={wrong === 0} />
            </span>
          </div>
        ))}
        {told === 0 && (
          <p className="text-muted">
            Whoever closes an issue can say whether the answer was right. How often it was, by verdict, shows here.
          </p>
        )}
        <p className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line pt-3 text-[0.8125rem]">
          <span className="text-muted">Feedback on answers</span>
          {voted > 0 ? (
            <>
              <span className="flex items-center gap-1.5">
                <ThumbsUp className="size-3.5 text-good" aria-hidden /> {count(votes.up)} helpful
              </span>
              <span className="flex items-center gap-1.5">
                <ThumbsDown className="size-3.5 text-bad" aria-hidden /> {count(votes.down)} not
              </span>
            </>
          ) : (
            <span className="text-muted">none in these days</span>
          )}
        </p>
      </div>
    </Panel>
  );
}
