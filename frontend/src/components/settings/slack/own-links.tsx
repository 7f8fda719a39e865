"use client";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useSlackLinks } from "@/hooks/use-slack";
import { LinkTable } from "./link-table";

/** Who one is in Slack, and the way to take such a link away. */
export function OwnLinks() {
  const links = useSlackLinks();
  if (links.isPending) return <SkeletonRows label="Loading your links" rows={2} />;
  if (links.error) return <ErrorState error={links.error} onRetry={() => void links.refetch()} />;
  if (links.data.results.length === 0) {
    return (
      <EmptyState title="You are not linked to anybody in Slack">
        Type <code>/sahur link</code> in Slack. You are handed a link to this page, where you say that it is you; from then on you
        may do in Slack what you may do here.
      </EmptyState>
    );
  }
  return (
    <div className="space-y-3">
      <LinkTable label="You in Slack" people={links.data.results} />
      <p className="text-[0.8125rem] text-muted">
        Whoever speaks in Slack as one of them acts in your name. To link another one, type /sahur link there.
      </p>
    </div>
  );
}
