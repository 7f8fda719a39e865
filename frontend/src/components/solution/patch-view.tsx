"use client";
import { Check, ChevronRight, CircleCheck, CircleX, Copy, Download } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Output } from "@/components/ui/output";
import type { Patch, TestRun } from "@/lib/event-types.gen";
import { shortSha } from "@/lib/format";
import { saveFile } from "@/lib/save-file";
import { Diff } from "./diff";
import { Part } from "./solution-parts";

/** A change that was shown to apply, to be taken away; with what the team's tests said of it, where they were run. */
export function PatchView({ patch, name }: { patch: Patch; name: string }) {
  return (
    <Part title="Patch">
      <div className="mb-1.5 flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <p className="min-w-0 flex-1 basis-48 text-xs break-words text-muted">
          Applies to <code className="font-mono">{shortSha(patch.commit)}</code>
          {patch.paths.length > 0 && (
            <>
              {" "}
              in <span className="font-mono break-all">{patch.paths.join(", ")}</span>
            </>
          )}
        </p>
        <CopyButton text={patch.diff} />
        <Button onClick={() => saveFile(`${name}.patch`, patch.diff, "text/x-diff")}>
          <Download className="size-3.5" aria-hidden />
          Download .patch
        </Button>
      </div>
      <Diff text={patch.diff} className="max-h-[32rem]" />
      {patch.test_run ? (
        <Tests run={patch.test_run} />
      ) : (
        <p className="mt-1.5 text-xs text-muted">The team's tests were not run on it: no sandbox is switched on for them.</p>
      )}
    </Part>
  );
}

function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState<"" | "copied" | "refused">("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("refused"),
    );
  return (
    <>
      <Button onClick={() => void copy()}>
        {state === "copied" ? <Check className="size-3.5" aria-hidden /> : <Copy className="size-3.5" aria-hidden />}
        {state === "copied" ? "Copied" : "Copy"}
      </Button>
      <span role="status" className={state === "refused" ? "text-xs text-bad" : "sr-only"}>
        {state === "refused" ? "The browser does not allow it: download it instead." : state && "The patch was copied."}
      </span>
    </>
  );
}

function Tests({ run }: { run: TestRun }) {
  const Icon = run.passed ? CircleCheck : CircleX;
  const outcome = run.passed
    ? "Tests passed"
    : run.exit_code === null
      ? "Tests were stopped at their time limit"
      : `Tests failed (exit code ${run.exit_code})`;
  return (
    <div className="mt-2">
      <p
        className={`flex flex-wrap items-center gap-x-1.5 text-[0.8125rem] font-medium ${run.passed ? "text-good" : "text-bad"}`}
      >
        <Icon className="size-4 shrink-0" aria-hidden />
        {outcome}
        <span className="min-w-0 font-normal break-words text-muted">
          in the sandbox, with the patch: <code className="font-mono text-xs break-all">{run.command}</code>
        </span>
      </p>
      {run.output && (
        <details className="group/tests mt-1">
          <summary className="inline-flex items-center gap-1 rounded text-xs text-muted hover:text-ink pointer-coarse:min-h-11">
            <ChevronRight className="size-3.5 text-faint transition-transform group-open/tests:rotate-90" aria-hidden />
            The end of their output
          </summary>
          <Output label="Output of the tests" className="mt-1 max-h-72 *:whitespace-pre-wrap *:break-words">
            {run.output}
          </Output>
        </details>
      )}
    </div>
  );
}
