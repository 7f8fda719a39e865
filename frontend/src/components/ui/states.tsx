"use client";
import { CircleSlash, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { problemOf } from "@/lib/problem";
import { Button } from "./button";
import { Coded } from "./coded";

interface EmptyProps {
  title: string;
  /** Why there is nothing, and what to do. */
  children?: ReactNode;
  action?: ReactNode;
}

/** In place of a list that has nothing in it. */
export function EmptyState({ title, children, action }: EmptyProps) {
  return (
    <div className="rounded-lg border border-dashed border-line-strong/60 px-6 py-12 text-center">
      <h2 className="font-semibold">{title}</h2>
      {children && <div className="mx-auto mt-1 max-w-md text-muted">{children}</div>}
      {action && <div className="mt-4 flex justify-center gap-2">{action}</div>}
    </div>
  );
}

const REFUSED = new Set([403, 404]);

/** In place of what could not be loaded, in the server's own words. A refusal offers no retry: it would be refused again. */
export function ErrorState({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const problem = problemOf(error);
  if (!problem) return null;
  const isRefused = REFUSED.has(problem.status);
  const Icon = isRefused ? CircleSlash : TriangleAlert;
  const heading = title ?? (problem.status === 403 ? "This is not open to you" : problem.title);
  return (
    <div role="alert" className="rounded-lg border border-line bg-surface px-6 py-10 text-center">
      <Icon className={`mx-auto mb-2 size-5 ${isRefused ? "text-muted" : "text-bad"}`} aria-hidden />
      <h2 className="font-semibold break-words">{heading}</h2>
      <div className="mx-auto mt-1 max-w-md text-muted break-words">
        {[problem.detail, problem.next_step].map(
          (told) =>
            told &&
            told !== `${heading}.` && (
              <p key={told}>
                <Coded text={told} />
              </p>
            ),
        )}
      </div>
      {onRetry && !isRefused && (
        <Button className="mt-4" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
