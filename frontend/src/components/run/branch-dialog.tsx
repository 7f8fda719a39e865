"use client";
import { useState } from "react";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { FormDialog } from "@/components/ui/form-dialog";
import { useDraft } from "@/hooks/use-draft";
import { useForks } from "@/hooks/use-forks";
import type { Run } from "@/lib/api-types";
import { STAGE_NAMES } from "@/lib/format";
import type { Stage } from "@/lib/run-state";

const KEPT: Record<Stage, string> = {
  gather_context: "Keep what was gathered; analyze it anew.",
  analyze: "Keep the analysis as well, and go on from its end.",
  propose_solution: "Keep everything up to the solution.",
  publish: "Keep everything, the solution as well.",
};

/** What the branch hears first, and from where it goes on. */
export default function BranchDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const [text, setText] = useDraft(`branch.${run.id}`);
  const [stage, setStage] = useState<Stage>(run.branch_stages[0] ?? "gather_context");
  const [clientId] = useState(() => crypto.randomUUID());
  const { branch } = useForks(run.issue, run.id);
  const message = text.trim();
  return (
    <FormDialog
      title={`Branch from run ${run.number}`}
      submitLabel="Start this line"
      isBusy={branch.isPending}
      isReady={message !== ""}
      error={branch.error}
      onSubmit={() => branch.mutate({ message, fromStage: stage, clientId }, { onSuccess: () => setText("") })}
      onClose={onClose}
    >
      <Field
        id="branch-text"
        label="What if…"
        hint={`The new run hears this first. Run ${run.number} stays as it is, and the two can be compared.`}
      >
        <textarea
          id="branch-text"
          rows={3}
          maxLength={20_000}
          value={text}
          placeholder="…it is not the deploy? Look at the database first."
          onChange={(event) => setText(event.target.value)}
          aria-describedby={describedBy("branch-text")}
          className={`${inputClass} resize-y`}
        />
      </Field>
      <StageChoice stages={run.branch_stages} chosen={stage} onChoose={setStage} />
    </FormDialog>
  );
}

interface StageProps {
  stages: readonly Stage[];
  chosen: Stage;
  onChoose: (stage: Stage) => void;
}

function StageChoice({ stages, chosen, onChoose }: StageProps) {
  return (
    <fieldset className="space-y-1.5">
      <legend className="mb-1.5 text-[0.8125rem] font-medium">Go on from the end of</legend>
      {stages.map((stage) => (
        <label
          key={stage}
          className="flex min-h-9 items-start gap-2 rounded-md border border-line px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft pointer-coarse:min-h-11"
        >
          <input
            type="radio"
            name="from-stage"
            value={stage}
            checked={stage === chosen}
            onChange={() => onChoose(stage)}
            className="mt-1 accent-accent"
          />
          <span>
            <span className="font-medium">{STAGE_NAMES[stage]}</span>
            <span className="block text-xs text-muted">{KEPT[stage]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
