import { GitMerge } from "lucide-react";
import Link from "next/link";
import { issueAddress } from "@/lib/addresses";
import type { Issue } from "@/lib/api-types";

const linkClass = "font-mono font-medium text-accent underline-offset-2 hover:underline";

/** The issue of the same problem that a report has joined: small, as in a list. */
export function JoinedBadge({ issueKey, className = "" }: { issueKey: string; className?: string }) {
  return (
    <Link
      href={issueAddress(issueKey)}
      prefetch={false}
      className={`inline-flex h-6 items-center gap-1 rounded-full bg-raised px-2 text-xs font-medium whitespace-nowrap text-muted hover:text-accent pointer-coarse:min-h-11 ${className}`}
    >
      <GitMerge className="size-3.5 shrink-0" aria-hidden />
      Joined {issueKey}
    </Link>
  );
}

/** Of an issue that has joined another one where it goes on; of the other one who else has reported the problem. */
export function JoinedReports({ issue }: { issue: Pick<Issue, "joined" | "joined_by"> }) {
  return (
    <>
      {issue.joined && (
        <p className="max-w-3xl">
          The same problem is investigated as{" "}
          <Link href={issueAddress(issue.joined)} className={linkClass}>
            {issue.joined}
          </Link>
          , whose answer goes to the thread of this report, too. Reopened, it is an issue of its own again.
        </p>
      )}
      {issue.joined_by.length > 0 && (
        <section aria-label="Also reported" className="max-w-3xl">
          <h2 className="font-medium">Also reported</h2>
          <ul className="mt-0.5 space-y-0.5">
            {issue.joined_by.map(({ key, title, reporter, where }) => (
              <li key={key} className="break-words">
                <Link href={issueAddress(key)} prefetch={false} className={linkClass}>
                  {key}
                </Link>{" "}
                {title}{" "}
                <span className="text-muted">
                  · {reporter} in {where}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
