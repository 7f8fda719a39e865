"use client";
import { TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { errorDetails, isOfOldBuild } from "@/lib/error-details";

interface BrokenProps {
  what: string;
  error: unknown;
  componentStack?: string;
  onAgain: () => void;
}

/** In place of a part that broke. */
export function Broken({ what, error, componentStack = "", onAgain }: BrokenProps) {
  const isOld = isOfOldBuild(error);
  return (
    <div role="alert" className="rounded-lg border border-line bg-surface px-4 py-4">
      <p className="flex items-center gap-2 font-medium">
        <TriangleAlert className="size-4 shrink-0 text-bad" aria-hidden />
        {isOld ? "SAHUR was updated since this page was opened" : `${what} cannot be shown`}
      </p>
      <p className="mt-1 text-muted">
        {isOld
          ? "Reload the page to go on with the new version. What you typed is kept."
          : "This is a fault of the page, not of what it shows: nothing is lost on the server. If a reload does not help, send the details to whoever looks after SAHUR."}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
        {!isOld && (
          <>
            <Button onClick={onAgain}>Try again</Button>
            <CopyButton text={() => errorDetails(error, componentStack)} label="Copy the details" isLabeled />
          </>
        )}
      </div>
    </div>
  );
}
