"use client";
import { Panel } from "@/components/ui/panel";
import type { useSimilarToReport } from "@/hooks/use-similar-issues";
import { LookingFailed, SimilarList } from "../similar-issues";

interface Props {
  similar: ReturnType<typeof useSimilarToReport>;
}

const PANEL_ID = "similar-issues";

const counted = (count: number): string => (count === 1 ? "1 similar issue" : `${count} similar issues`);

/** Beside the form, below it where there is no room beside: it never moves what one types in. */
export function SimilarWhileTyping({ similar }: Props) {
  const { found, error, isEnough, isFetching } = similar;
  return (
    <aside id={PANEL_ID} aria-label="Similar issues" className="min-w-0 scroll-mt-16 lg:sticky lg:top-16 lg:self-start">
      <p role="status" className="sr-only">
        {found?.length ? `${counted(found.length)} found.` : ""}
      </p>
      <Panel title="Similar issues" aside={isFetching ? "Looking…" : found?.length ? String(found.length) : ""}>
        {error && !found ? (
          <LookingFailed error={error} onRetry={() => void similar.refetch()} />
        ) : found?.length ? (
          <>
            <p className="border-b border-line px-3 py-2 text-xs text-muted">
              Reported before. If one of them is yours, say it there instead.
            </p>
            <SimilarList found={found} isNewTab />
          </>
        ) : (
          <p className="px-3 py-3 text-xs text-muted">
            {isEnough && found ? "No issue resembles this report." : "Once you write, what was reported before shows here."}
          </p>
        )}
      </Panel>
    </aside>
  );
}

/** Where the panel is below the form, this says that there is something in it. */
export function SimilarHint({ similar: { found } }: Props) {
  if (!found?.length) return null;
  return (
    <a href={`#${PANEL_ID}`} className="mr-auto py-1 text-xs font-medium text-accent underline underline-offset-2 lg:hidden">
      {counted(found.length)} below
    </a>
  );
}
