import { GitBranch, Play } from "lucide-react";
import Link from "next/link";
import { runAddress } from "@/lib/addresses";
import type { Fork } from "@/lib/run-state";

/** Which run this one goes on from, and why. */
export function OriginNote({ issueKey, origin }: { issueKey: string; origin: Fork }) {
  const isBranch = origin.kind === "branch";
  const Icon = isBranch ? GitBranch : Play;
  return (
    <span className="inline-flex items-center gap-1 text-xs text-muted">
      <Icon className="size-3.5 shrink-0" aria-hidden />
      {isBranch ? "branched from" : "resumed from"}
      <Link href={runAddress(issueKey, origin.number)} scroll={false} className="text-accent underline underline-offset-2">
        run {origin.number}
      </Link>
    </span>
  );
}
