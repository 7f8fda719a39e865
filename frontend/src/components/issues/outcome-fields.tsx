"use client";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { TextField } from "@/components/ui/text-field";
import type { Outcome } from "@/lib/outcome";

interface ResolutionProps {
  label: string;
  hint: string;
  value: string;
  onChange: (text: string) => void;
}

/** What was done about it, in one's own words. */
export function ResolutionField({ label, hint, value, onChange }: ResolutionProps) {
  return (
    <Field id="resolution" label={label} isOptional hint={hint}>
      <textarea
        id="resolution"
        rows={4}
        maxLength={20_000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={describedBy("resolution")}
        className={`${inputClass} resize-y`}
      />
    </Field>
  );
}

interface Props {
  outcome: Outcome;
  /** What is wrong with the commit. */
  problem: string;
  onChange: (outcome: Outcome) => void;
}

const ANSWERS: { value: Outcome["answer"]; label: string }[] = [
  { value: "right", label: "Yes" },
  { value: "wrong", label: "No" },
  { value: "", label: "I cannot say" },
];

/** Whether the answer was right and, if not, what it really was: the label of the case that the issue can become. */
export function OutcomeFields({ outcome, problem, onChange }: Props) {
  return (
    <>
      <fieldset>
        <legend className="mb-1.5 text-[0.8125rem] font-medium">Was the answer right?</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-1">
          {ANSWERS.map(({ value, label }) => (
            <label key={label} className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
              <input
                type="radio"
                name="answer"
                checked={outcome.answer === value}
                onChange={() => onChange({ ...outcome, answer: value })}
                className="accent-accent"
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      {outcome.answer === "wrong" && <Cause outcome={outcome} problem={problem} onChange={onChange} />}
    </>
  );
}

function Cause({ outcome, problem, onChange }: Props) {
  return (
    <div className="space-y-3 border-l-2 border-line pl-3">
      <label className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          checked={outcome.isOutside}
          onChange={(event) => onChange({ ...outcome, isOutside: event.target.checked })}
          className="accent-accent"
        />
        Nothing in the code caused it
      </label>
      {!outcome.isOutside && (
        <TextField
          id="cause-commit"
          label="The commit that caused it"
          isOptional
          hint="Its full sha."
          isCode
          maxLength={64}
          value={outcome.commit}
          onChange={(commit) => onChange({ ...outcome, commit })}
          error={problem}
        />
      )}
    </div>
  );
}
