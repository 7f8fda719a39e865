"use client";
import { GitBranch } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import type { Run } from "@/lib/api-types";

const BranchDialog = lazy(() => import("./branch-dialog"));

/** Asks what if it were otherwise: another run goes on from the end of a stage of this one, and both lines stay. */
export function BranchRun({ run }: { run: Run }) {
  const [isOpen, setOpen] = useState(false);
  if (run.branch_stages.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} title="What if it were otherwise? A further run goes on from here; both stay.">
        <GitBranch className="size-3.5" aria-hidden />
        Branch…
      </Button>
      <Suspense>{isOpen && <BranchDialog run={run} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
