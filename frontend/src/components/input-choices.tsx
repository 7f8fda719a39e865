"use client";
import { useState } from "react";
import { useDraft } from "@/hooks/use-draft";
import type { Answer } from "@/lib/api-types";
import { asText, readArguments } from "@/lib/arguments-text";
import type { OpenInput } from "@/lib/run-state";
import { Button } from "./ui/button";
import { describedBy, Field, inputClass } from "./ui/field";

interface Props {
  input: OpenInput;
  isBusy: boolean;
  onAnswer: (answer: Answer) => Promise<unknown>;
}

/** What a person may decide, and the words and arguments that go with it. */
export function Choices({ input, isBusy, onAnswer }: Props) {
  const [text, setText] = useDraft(`input.${input.id}`);
  const [edited, setEdited] = useDraft(`arguments.${input.id}`);
  const [problem, setProblem] = useState("");
  const decide = (decision: Answer["decision"], more: Partial<Answer> = {}) => {
    // Refused or lost, the text stays; the problem is shown below.
    onAnswer({ decision, answer: text.trim(), ...more }).then(
      () => {
        setText("");
        setEdited("");
      },
      () => undefined,
    );
  };
  const decideEdited = () => {
    const { values, problem: found } = readArguments(edited);
    setProblem(found);
    if (values) decide("edit", { arguments: values });
  };
  const change = (next: string) => {
    setEdited(next);
    setProblem("");
  };
  const isEditing = edited !== "";
  return (
    <div className="mt-2 space-y-2">
      {isEditing && <ArgumentsField id={`arguments-${input.id}`} text={edited} problem={problem} onChange={change} />}
      <div className="flex flex-wrap items-end gap-2 *:[button]:min-h-9 *:[button]:flex-1 sm:*:[button]:flex-none">
        <WordsField input={input} text={text} onChange={setText} />
        {input.kind === "question" && (
          <Button variant="primary" isBusy={isBusy} disabled={!text.trim()} onClick={() => decide("respond")}>
            Answer
          </Button>
        )}
        {input.kind === "approval" && (
          <Button variant="quiet" disabled={isBusy} onClick={() => change(isEditing ? "" : asText(input.arguments))}>
            {isEditing ? "Undo changes" : "Change…"}
          </Button>
        )}
        {input.kind !== "question" && (
          <>
            <Button isBusy={isBusy} onClick={() => decide("reject")}>
              {input.kind === "budget" ? "Finish now" : "Reject"}
            </Button>
            <Button variant="primary" isBusy={isBusy} onClick={isEditing ? decideEdited : () => decide("approve")}>
              {input.kind === "budget" ? "Grant more" : isEditing ? "Approve changed" : "Approve"}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

interface TextProps {
  text: string;
  onChange: (text: string) => void;
}

function WordsField({ input, text, onChange }: TextProps & { input: OpenInput }) {
  const isQuestion = input.kind === "question";
  const label = isQuestion ? "Your answer" : "Reason or remark";
  return (
    <label className="min-w-48 flex-1 basis-full sm:basis-0">
      <span className="sr-only">{label}</span>
      <textarea
        rows={1}
        maxLength={20_000}
        value={text}
        placeholder={isQuestion ? label : `${label} (optional)`}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} block field-sizing-content max-h-32 resize-none`}
      />
    </label>
  );
}

function ArgumentsField({ id, text, problem, onChange }: TextProps & { id: string; problem: string }) {
  return (
    <Field id={id} label="Arguments to use instead" hint="JSON. The tool is called with exactly these." error={problem}>
      <textarea
        id={id}
        spellCheck={false}
        autoCapitalize="none"
        value={text}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={problem !== "" || undefined}
        aria-describedby={describedBy(id)}
        className={`${inputClass} block field-sizing-content max-h-60 resize-none font-mono text-xs sm:text-xs`}
      />
    </Field>
  );
}
