"use client";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { createContext, type FormEvent, type ReactNode, useContext, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useDraft } from "@/hooks/use-draft";
import { type FeedbackOfRun, useFeedback } from "@/hooks/use-feedback";
import type { Feedback } from "@/lib/api-types";
import { fullTime, withSource } from "@/lib/format";
import { keep, kept } from "@/lib/keeping";

interface Scope {
  runId: string;
  mayAct: boolean;
  feedback: FeedbackOfRun;
}

const FeedbackContext = createContext<Scope | null>(null);

/** Inside of it the answer and each step of this run can be voted on. */
export function FeedbackScope({ runId, mayAct, children }: { runId: string; mayAct: boolean; children: ReactNode }) {
  const feedback = useFeedback(runId);
  return <FeedbackContext value={{ runId, mayAct, feedback }}>{children}</FeedbackContext>;
}

/** Whether the answer helped, and what the team says about it. */
export function AnswerFeedback() {
  const scope = useContext(FeedbackContext);
  const given = scope?.feedback.of("");
  if (!scope || (!scope.mayAct && !given)) return null;
  return (
    <section aria-label="Feedback on the answer" className="rounded-lg border border-line bg-surface px-4 py-2.5 sm:px-5">
      <Votes scope={scope} step="" question="Was this answer helpful?" />
    </section>
  );
}

/** The same for one step, small: it stands in each of them. */
export function StepFeedback({ step }: { step: string }) {
  const scope = useContext(FeedbackContext);
  const given = scope?.feedback.of(step);
  if (!scope || (!scope.mayAct && !given)) return null;
  return <Votes scope={scope} step={step} question="" />;
}

interface VotesProps {
  scope: Scope;
  step: string;
  /** Asked in front of the buttons; without one they are small. */
  question: string;
}

function Votes({ scope, step, question }: VotesProps) {
  const { feedback, mayAct, runId } = scope;
  const given = feedback.of(step);
  const mine = given?.opinions.find((opinion) => opinion.is_mine);
  const isBusy = feedback.busyStep === step;
  const draftName = `feedback.${runId}.${step}`;
  const vote = (value: 1 | -1) => {
    if (isBusy) return;
    if (mine?.vote === value) {
      // The same one again takes it back; the words about it stay at hand for another vote.
      if (mine.comment) keep("draft", draftName, kept("draft", draftName) || mine.comment);
      feedback.withdraw(step);
    } else feedback.give({ step, vote: value, comment: mine?.comment ?? "" });
  };
  const about = question ? "the answer" : "this step";
  return (
    <div className="space-y-2">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div role="group" aria-label={`Feedback on ${about}`} className="flex flex-wrap items-center gap-x-1 gap-y-1">
        {question && <span className="mr-2 text-[0.8125rem] text-muted">{question}</span>}
        <VoteButton value={1} given={given} mine={mine?.vote} about={about} mayAct={mayAct} onVote={vote} />
        <VoteButton value={-1} given={given} mine={mine?.vote} about={about} mayAct={mayAct} onVote={vote} />
      </div>
      {mine && (
        <Comment
          key={mine.vote}
          name={draftName}
          said={mine.comment}
          isBusy={isBusy}
          onSave={(comment, onSaved) => feedback.give({ step, vote: mine.vote, comment }, onSaved)}
        />
      )}
      <Comments given={given} />
      {feedback.errorStep === step && <ProblemNote error={feedback.error} />}
    </div>
  );
}

interface VoteButtonProps {
  value: 1 | -1;
  given: Feedback | undefined;
  mine: 1 | -1 | undefined;
  about: string;
  mayAct: boolean;
  onVote: (value: 1 | -1) => void;
}

function VoteButton({ value, given, mine, about, mayAct, onVote }: VoteButtonProps) {
  const Icon = value === 1 ? ThumbsUp : ThumbsDown;
  const count = (value === 1 ? given?.up : given?.down) ?? 0;
  const isMine = mine === value;
  const name = `${value === 1 ? "Helpful" : "Not helpful"}: ${about}`;
  return (
    <button
      type="button"
      aria-label={count > 0 ? `${name}, ${count} so far` : name}
      aria-pressed={isMine}
      title={isMine ? "Your vote; again takes it back" : name}
      disabled={!mayAct}
      onClick={() => onVote(value)}
      className="inline-flex min-h-7 min-w-7 items-center justify-center gap-1 rounded-md border border-transparent px-1.5 text-xs text-muted hover:bg-raised hover:text-ink disabled:hover:bg-transparent aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent pointer-coarse:min-h-11 pointer-coarse:min-w-11"
    >
      <Icon className={`size-3.5 ${isMine ? "fill-current" : ""}`} aria-hidden />
      {count > 0 && <span aria-hidden>{count}</span>}
    </button>
  );
}

interface CommentProps {
  /** Of the draft. */
  name: string;
  said: string;
  isBusy: boolean;
  onSave: (comment: string, onSaved: () => void) => void;
}

/** What was right or wrong: asked for after the vote, which counts without it. */
function Comment({ name, said, isBusy, onSave }: CommentProps) {
  const id = useId();
  const [draft, setDraft] = useDraft(name);
  const [isOpen, setOpen] = useState(said === "");
  if (!isOpen && !draft) {
    const open = () => {
      setDraft(said);
      setOpen(true);
    };
    return (
      <Button variant="quiet" className="-ml-2 px-2 text-xs" onClick={open}>
        {said ? "Change your comment" : "Add a comment"}
      </Button>
    );
  }
  const close = () => {
    setDraft("");
    setOpen(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Until the server has it, it stays where it was typed.
    onSave(draft.trim(), close);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <label htmlFor={id} className="sr-only">
        What was right or wrong about it
      </label>
      <textarea
        id={id}
        rows={1}
        maxLength={2_000}
        value={draft}
        placeholder="What was right or wrong about it (optional)"
        onChange={(event) => setDraft(event.target.value)}
        className={`${inputClass} block field-sizing-content max-h-40 min-w-0 flex-1 basis-60 resize-none`}
      />
      <Button type="submit" isBusy={isBusy} disabled={draft.trim() === said}>
        Save comment
      </Button>
      <Button variant="quiet" onClick={close}>
        {draft.trim() === said ? "Not now" : "Discard"}
      </Button>
    </form>
  );
}

function Comments({ given }: { given: Feedback | undefined }) {
  const said = given?.opinions.filter(({ comment }) => comment) ?? [];
  if (said.length === 0) return null;
  return (
    <ul className="space-y-1.5 text-[0.8125rem]">
      {said.map((opinion) => (
        <li key={`${opinion.author}-${opinion.source}`} className="break-words">
          <span className="font-medium">{withSource(opinion.is_mine ? "You" : opinion.author, opinion.source)}</span>{" "}
          <span className="text-xs text-muted">
            {opinion.vote === 1 ? "found it helpful" : "found it not helpful"} · {fullTime(opinion.changed_at)}
          </span>
          <p className="whitespace-pre-wrap">{opinion.comment}</p>
        </li>
      ))}
    </ul>
  );
}
