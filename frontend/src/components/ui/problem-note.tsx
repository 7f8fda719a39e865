import { TriangleAlert } from "lucide-react";
import { problemOf } from "@/lib/problem";
import { Button } from "./button";
import { Coded } from "./coded";

/** What went wrong and what to do, in the server's own words. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = problemOf(error);
  if (!problem) return null;
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md border border-bad/40 bg-bad-soft px-3 py-2 text-bad">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 break-words">
        <p className="font-medium">
          <Coded text={problem.detail} />
        </p>
        {problem.next_step && (
          <p>
            <Coded text={problem.next_step} />
          </p>
        )}
      </div>
      {onRetry && (
        <Button variant="danger" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
