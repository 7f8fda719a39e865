"use client";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import type { Outcome } from "@/lib/outcome";

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
        <Field id="cause-commit" label="The commit that caused it" isOptional hint="Its full sha." error={problem}>
          <input
            id="cause-commit"
            value={outcome.commit}
            maxLength={64}
            spellCheck={false}
            autoCapitalize="none"
            onChange={(event) => onChange({ ...outcome, commit: event.target.value })}
            aria-invalid={problem !== "" || undefined}
            aria-describedby={describedBy("cause-commit")}
            className={`${inputClass} font-mono`}
          />
        </Field>
      )}
    </div>
  );
}
