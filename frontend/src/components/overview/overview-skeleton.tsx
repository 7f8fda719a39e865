import { Skeleton } from "@/components/ui/skeleton";

/** As high as what comes in its place. */
export function OverviewSkeleton() {
  return (
    <div aria-busy="true" className="space-y-5">
      <p role="status" className="sr-only">
        Loading the overview…
      </p>
      <Skeleton className="h-40 w-full rounded-lg" />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {["hypothesis", "answer", "confirmed", "cost"].map((tile) => (
          <Skeleton key={tile} className="h-26 w-full rounded-lg" />
        ))}
      </div>
      <div className="grid gap-5 lg:grid-cols-2">
        <Skeleton className="h-72 w-full rounded-lg" />
        <Skeleton className="h-72 w-full rounded-lg" />
      </div>
    </div>
  );
}
