import { Lightbulb, LightbulbOff, type LucideIcon, TrendingDown, TrendingUp } from "lucide-react";
import { InlineText } from "@/components/text/inline-text";
import { HYPOTHESIS_STATUS_NAMES, sourceName } from "@/lib/hypotheses";
import type { Hypothesis, TimelineItem } from "@/lib/run-state";
import { At } from "./at";

const LOOKS: Record<Hypothesis["status"], { Icon: LucideIcon; look: string }> = {
  stated: { Icon: Lightbulb, look: "text-accent" },
  strengthened: { Icon: TrendingUp, look: "text-good" },
  weakened: { Icon: TrendingDown, look: "text-warn" },
  ruled_out: { Icon: LightbulbOff, look: "text-muted" },
};

/** Icon and word say the same. */
export function HypothesisStatus({ status }: { status: Hypothesis["status"] }) {
  const { Icon, look } = LOOKS[status];
  return (
    <span className={`inline-flex items-center gap-1 text-xs font-medium whitespace-nowrap ${look}`}>
      <Icon className="size-3.5 shrink-0" aria-hidden />
      {HYPOTHESIS_STATUS_NAMES[status]}
    </span>
  );
}

/** Why, and the evidence that is cited for it. */
export function Reason({ because, evidence, known }: ReasonProps) {
  const cited = evidence.map((number) => `[${number}]`).join(" ");
  const text = [because, cited].filter(Boolean).join(" ");
  return text ? <InlineText text={text} known={known} /> : null;
}

interface ReasonProps {
  because: string;
  evidence: readonly number[];
  known: ReadonlySet<number>;
}

interface Props {
  row: Extract<TimelineItem, { type: "hypothesis" }>;
  known: ReadonlySet<number>;
}

/** What was held possible from this moment on, or how that changed. */
export function HypothesisRow({ row, known }: Props) {
  const { hypothesis } = row;
  const { Icon, look } = LOOKS[hypothesis.status];
  // One may be told for the first time together with what became of it.
  const status = hypothesis.status === "stated" ? "" : ` ${HYPOTHESIS_STATUS_NAMES[hypothesis.status].toLowerCase()}`;
  const word = row.isNew || status ? `Hypothesis${status}` : "Hypothesis stated again";
  return (
    <div data-testid="hypothesis-row" className="flex items-start gap-2">
      <Icon className={`mt-0.5 size-4 shrink-0 ${look}`} aria-hidden />
      <div className="min-w-0">
        <p className="break-words">
          <span className="font-medium">{word}: </span>
          <InlineText text={hypothesis.statement} known={known} />
        </p>
        <p className="text-xs break-words text-muted">
          <Reason because={hypothesis.because} evidence={hypothesis.evidence} known={known} />
          {hypothesis.because || hypothesis.evidence.length > 0 ? " · " : ""}
          {row.isNew && `${sourceName(hypothesis.source)}, not proven · `}
          <At at={row.at} seq={row.seq} />
        </p>
      </div>
    </div>
  );
}
