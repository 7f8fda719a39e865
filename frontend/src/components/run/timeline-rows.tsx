import {
  Check,
  GitBranch,
  Info,
  Link2,
  MessageCircleQuestion,
  Play,
  RotateCcw,
  Send,
  ShieldQuestion,
  TriangleAlert,
  Wallet,
  X,
  Zap,
} from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { runAddress } from "@/lib/addresses";
import { spentOf } from "@/lib/budgets";
import { decisionMade } from "@/lib/decisions";
import { STAGE_NAMES } from "@/lib/format";
import type { OutgoingMessage } from "@/lib/outbox";
import type { OpenInput, RunMessage, TimelineItem } from "@/lib/run-state";
import { slackEffect } from "@/lib/slack-effects";
import { At } from "./at";

const MESSAGE_STATES: Record<RunMessage["state"], (message: RunMessage) => string> = {
  queued: ({ isUrgent }) =>
    isUrgent ? "To be used now: the model is interrupted" : "Queued: taken in before the next model call",
  taken_in: ({ takenInAtStep: step }) => (step === null ? "Taken in" : `Taken in at step ${step}`),
  carried_over: () => "Came too late for this run: it is carried over to the next one",
  withdrawn: () => "Taken back by its author before anybody read it",
};

/** What a person said, and whether the model has it. */
export function MessageRow({ message, seq }: { message: RunMessage; seq: number }) {
  return (
    <MessageBox
      author={message.author}
      aside={<MessageFacts message={message} seq={seq} />}
      text={message.text}
      state={message.state}
    >
      {MESSAGE_STATES[message.state](message)}
    </MessageBox>
  );
}

function MessageFacts({ message, seq }: { message: RunMessage; seq: number }) {
  return (
    <>
      {message.isCarried && <span className="text-muted">said in an earlier run, carried over</span>}
      <At at={message.at} seq={seq} />
      {message.isUrgent && (
        <span className="inline-flex items-center gap-0.5 text-warn">
          <Zap className="size-3" aria-hidden />
          use now
        </span>
      )}
    </>
  );
}

interface OutgoingProps {
  message: OutgoingMessage;
  onRetry: (clientId: string) => void;
  onDiscard: (clientId: string) => void;
}

/** A message on its way; it stays until the run's events tell it. */
export function OutgoingRow({ message, onRetry, onDiscard }: OutgoingProps) {
  const isRefused = message.state === "refused";
  return (
    <MessageBox author="You" text={message.text} state={message.state}>
      {isRefused ? (
        <span className="flex flex-wrap items-center gap-2 text-bad">
          <span className="min-w-0 flex-1">
            {message.problem?.detail} {message.problem?.next_step}
          </span>
          <Button onClick={() => onRetry(message.clientId)}>Send again</Button>
          <Button variant="quiet" onClick={() => onDiscard(message.clientId)}>
            Discard
          </Button>
        </span>
      ) : (
        `Sending${message.isUrgent ? ", to be used now" : ""}…`
      )}
    </MessageBox>
  );
}

interface BoxProps {
  author: string;
  text: string;
  state: string;
  aside?: ReactNode;
  children: ReactNode;
}

function MessageBox({ author, text, state, aside, children }: BoxProps) {
  return (
    <div data-testid="message" data-state={state} className="ml-6 rounded-lg bg-accent-soft px-3 py-2">
      <p className="flex items-baseline gap-2 text-xs">
        <span className="font-medium">{author}</span>
        {aside}
      </p>
      <p className="mt-0.5 break-words whitespace-pre-wrap">{text}</p>
      <div className="mt-1 text-xs text-muted">{children}</div>
    </div>
  );
}

const INPUT_STATES: Record<OpenInput["state"], (input: OpenInput) => string> = {
  open: () => "Waits for an answer, see below",
  answered: ({ kind, decision, answer, answered_by }) =>
    `${decisionMade(kind, decision)} by ${answered_by}${answer ? `: ${answer}` : ""}`,
  superseded: (input) => `Closed without an answer: ${input.superseded_reason}`,
  expired: (input) => `Nobody answered in time${input.default ? `: ${input.default}` : ""}`,
};

export const INPUT_ICONS = { question: MessageCircleQuestion, approval: ShieldQuestion, budget: Wallet, join: Link2 };

/** Of the arguments of a call, as JSON: enough to tell one call from another. */
const MAX_SHOWN = 300;

export function InputRow({ input, seq }: { input: OpenInput; seq: number }) {
  const Icon = INPUT_ICONS[input.kind];
  return (
    <div className="flex items-start gap-2">
      <Icon className={`mt-0.5 size-4 shrink-0 ${input.state === "open" ? "text-warn" : "text-muted"}`} aria-hidden />
      <div className="min-w-0">
        {/* While it is open, the card at the bottom shows it. */}
        {input.state !== "open" && <p className="font-medium break-words whitespace-pre-wrap">{input.prompt}</p>}
        {input.state !== "open" && input.tool && (
          <p className="font-mono text-xs break-all text-muted">
            {input.tool} {JSON.stringify(input.arguments).slice(0, MAX_SHOWN)}
          </p>
        )}
        <p className="text-xs break-words text-muted">
          {INPUT_STATES[input.state](input)} · <At at={input.closedAt ?? input.at} seq={seq} />
        </p>
      </div>
    </div>
  );
}

export function NoticeRow({ notice }: { notice: Extract<TimelineItem, { type: "notice" }> }) {
  const isInfo = notice.level === "info";
  const look = isInfo ? "text-muted" : notice.level === "warning" ? "text-warn" : "text-bad";
  const Icon = isInfo ? Info : TriangleAlert;
  return (
    <div className={`flex items-start gap-2 ${look}`}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p className="min-w-0 break-words">
        <span className="sr-only">{notice.level}: </span>
        {notice.message} {notice.nextStep} <At at={notice.at} seq={notice.seq} />
      </p>
    </div>
  );
}

export function RestartRow({ row }: { row: Extract<TimelineItem, { type: "restart" }> }) {
  return (
    <div className="flex items-start gap-2 text-muted">
      <RotateCcw className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p>
        A worker was lost; “{STAGE_NAMES[row.stage]}” goes on from its last finished step. <At at={row.at} seq={row.seq} />
      </p>
    </div>
  );
}

export function EffectRow({ effect }: { effect: Extract<TimelineItem, { type: "effect" }> }) {
  const Icon = effect.isDone ? Check : X;
  return (
    <div className="flex items-start gap-2 text-muted">
      <Send className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p className="min-w-0 break-words">
        {slackEffect(effect.effect)} in Slack
        <Icon className={`mx-1 inline size-3.5 ${effect.isDone ? "text-good" : "text-bad"}`} aria-hidden />
        {effect.isDone ? "done" : "could not be done"}
        {effect.detail && `: ${effect.detail}`} <At at={effect.at} seq={effect.seq} />
      </p>
    </div>
  );
}

export function BudgetRow({ row }: { row: Extract<TimelineItem, { type: "budget" }> }) {
  return (
    <div className="flex items-start gap-2 text-warn">
      <Wallet className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p className="min-w-0 break-words">
        {spentOf(row.budget)}. {row.consequence} <At at={row.at} seq={row.seq} />
      </p>
    </div>
  );
}

/** Where the other line is to be found. */
export function ForkRow({ row, issueKey }: { row: Extract<TimelineItem, { type: "fork" }>; issueKey: string }) {
  const isBranch = row.kind === "branch";
  const Icon = isBranch ? GitBranch : Play;
  return (
    <div className="flex items-start gap-2 text-muted">
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p className="min-w-0 break-words">
        {isBranch ? `${row.askedBy} branched off ` : `${row.askedBy} resumed it as `}
        <Link href={runAddress(issueKey, row.number)} className="text-accent underline underline-offset-2">
          run {row.number}
        </Link>{" "}
        <At at={row.at} seq={row.seq} />
      </p>
    </div>
  );
}
