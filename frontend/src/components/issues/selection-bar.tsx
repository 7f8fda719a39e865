"use client";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { useMarkSeen } from "@/hooks/use-seen";

const BulkClose = lazy(() => import("./bulk-close").then((module) => ({ default: module.BulkClose })));

interface Props {
  /** In the order of the list. */
  keys: readonly string[];
  hasUnread: boolean;
  mayClose: boolean;
  onDeselect: (keys: readonly string[]) => void;
}

/** What can be done with the selected issues; it lies over the end of the list while some are. */
export function SelectionBar({ keys, hasUnread, mayClose, onDeselect }: Props) {
  const [isClosing, setClosing] = useState(false);
  const mark = useMarkSeen(true);
  if (keys.length === 0 && !isClosing) return null;
  return (
    <section
      aria-label="Selected issues"
      className="sticky bottom-3 z-20 mx-auto mt-4 flex w-fit flex-wrap items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 py-2 shadow-lg"
    >
      <p role="status" className="mr-1 text-[0.8125rem] font-medium">
        {keys.length} selected
      </p>
      {mayClose && (
        <Button variant="primary" onClick={() => setClosing(true)}>
          Close…
        </Button>
      )}
      <Button
        isBusy={mark.isPending}
        onClick={() => mark.mutate({ keys, isSeen: hasUnread }, { onSuccess: () => onDeselect(keys) })}
      >
        {hasUnread ? "Mark read" : "Mark unread"}
      </Button>
      <Button variant="quiet" onClick={() => onDeselect(keys)}>
        Clear
      </Button>
      <Suspense>{isClosing && <BulkClose keys={keys} onClosed={onDeselect} onClose={() => setClosing(false)} />}</Suspense>
    </section>
  );
}
