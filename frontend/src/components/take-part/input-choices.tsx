"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { useDraft } from "@/hooks/use-draft";
import type { Answer } from "@/lib/api-types";
import { asText, readArguments } from "@/lib/arguments-text";
import { DECISION_NAMES, decisionsFor } from "@/lib/decisions";
import type { Problem } from "@/lib/problem";
import type { Decision, OpenInput } from "@/lib/run-state";
import { ArgumentsField } from "./input-arguments";

interface Props {
  input: OpenInput;
  isBusy: boolean;
  /** Somebody who may see it, but not decide it. */
  isDisabled: boolean;
  /** Why the last answer was refused. */
  refusal: Problem | null;
  onAnswer: (answer: Answer) => Promise<unknown>;
}

/** What a person may decide, and the words and arguments that go with it. */
export function Choices({ input, isBusy, isDisabled, refusal, onAnswer }: Props) {
  const [text, setText] = useDraft(`input.${input.id}`);
  const [edited, setEdited] = useDraft(`arguments.${input.id}`);
  const [problem, setProblem] = useState("");
  const isEditing = edited !== "" && decisionsFor(input).includes("edit");
  const send = (decision: Decision, more: Partial<Answer> = {}) => {
    // Refused or lost, the text stays; the problem is shown below.
    // With the hash of what is shown: nobody decides about arguments that have changed since.
    onAnswer({ decision, answer: text.trim(), arguments_hash: input.arguments_hash, ...more }).then(
      () => {
        setText("");
        setEdited("");
      },
      () => undefined,
    );
  };
  const decide = (decision: Decision) => {
    if (decision !== "edit") return send(decision);
    const { values, problem: found } = readArguments(edited);
    setProblem(found);
    if (values) send("edit", { arguments: values });
  };
  const change = (next: string) => {
    setEdited(next);
    setProblem("");
  };
  const told = problem || (refusal?.field.startsWith("arguments") ? refusal.detail : "");
  return (
    <div className="mt-2 space-y-2">
      {isEditing && <ArgumentsField input={input} text={edited} problem={told} onChange={change} />}
      {/* In view however long the arguments are. */}
      <div className="sticky -bottom-3 -mx-3 -mb-3 flex flex-wrap items-end gap-2 bg-warn-soft px-3 pt-2 pb-3 *:[button]:min-h-9 *:[button]:flex-1 sm:*:[button]:flex-none">
        <WordsField input={input} text={text} isDisabled={isDisabled} onChange={setText} />
        <Buttons
          input={input}
          hasWords={text.trim() !== ""}
          isEditing={isEditing}
          isBusy={isBusy}
          isDisabled={isDisabled}
          onDecide={decide}
          onEdit={() => change(isEditing ? "" : asText(editableOf(input)))}
        />
      </div>
    </div>
  );
}

/** Of a question about a budget only the amount can be changed. */
const editableOf = ({ kind, arguments: asked }: OpenInput) => (kind === "budget" ? { raise_by: asked.raise_by } : asked);

interface ButtonsProps extends Pick<Props, "input" | "isBusy" | "isDisabled"> {
  hasWords: boolean;
  isEditing: boolean;
  onDecide: (decision: Decision) => void;
  onEdit: () => void;
}

function Buttons({ input, hasWords, isEditing, isBusy, isDisabled, onDecide, onEdit }: ButtonsProps) {
  const allowed = new Set(decisionsFor(input));
  const names = DECISION_NAMES[input.kind];
  const last = isEditing ? "edit" : "approve";
  return (
    <>
      {allowed.has("respond") && (
        <Button
          variant={input.kind === "question" ? "primary" : "plain"}
          isBusy={isBusy}
          disabled={isDisabled || !hasWords}
          onClick={() => onDecide("respond")}
        >
          {names.respond}
        </Button>
      )}
      {allowed.has("edit") && (
        <Button variant="quiet" disabled={isBusy || isDisabled} onClick={onEdit}>
          {isEditing ? "Undo changes" : "Change…"}
        </Button>
      )}
      {allowed.has("reject") && (
        <Button isBusy={isBusy} disabled={isDisabled} onClick={() => onDecide("reject")}>
          {names.reject}
        </Button>
      )}
      {allowed.has(last) && (
        <Button variant="primary" isBusy={isBusy} disabled={isDisabled} onClick={() => onDecide(last)}>
          {names[last]}
        </Button>
      )}
    </>
  );
}

interface WordsProps {
  input: OpenInput;
  text: string;
  isDisabled: boolean;
  onChange: (text: string) => void;
}

function WordsField({ input, text, isDisabled, onChange }: WordsProps) {
  const isQuestion = input.kind === "question";
  const label = isQuestion ? "Your answer" : "Reason or remark";
  return (
    <label className="min-w-48 flex-1 basis-full sm:basis-0">
      <span className="sr-only">{label}</span>
      <textarea
        rows={1}
        maxLength={20_000}
        value={text}
        disabled={isDisabled}
        placeholder={isQuestion ? label : `${label} (optional)`}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} block field-sizing-content max-h-32 resize-none disabled:opacity-55`}
      />
    </label>
  );
}
