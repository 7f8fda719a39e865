"use client";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { asText, readArguments } from "@/lib/arguments-text";
import type { OpenInput } from "@/lib/run-state";

interface Props {
  input: OpenInput;
  /** The changed arguments as JSON. */
  text: string;
  /** What is wrong with them, by this page or by the server. */
  problem: string;
  onChange: (text: string) => void;
}

/** What is to be used instead of what was asked for: the amount of a budget as a number, arguments of a tool as JSON. */
export function ArgumentsField(props: Props) {
  return props.input.kind === "budget" ? <AmountField {...props} /> : <JsonField {...props} />;
}

function JsonField({ input, text, problem, onChange }: Props) {
  const id = `arguments-${input.id}`;
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

/** How much more is granted than the limit: the only part of a question about a budget that people may change. */
function AmountField({ input, text, problem, onChange }: Props) {
  const id = `amount-${input.id}`;
  const amount = readArguments(text).values?.raise_by;
  return (
    <Field id={id} label={AMOUNT_NAMES[String(input.arguments.measure)] ?? "How much more"} error={problem}>
      <input
        id={id}
        type="number"
        min={0}
        step="any"
        inputMode="decimal"
        defaultValue={typeof amount === "number" ? amount : ""}
        onChange={(event) => onChange(asText({ raise_by: event.target.valueAsNumber }))}
        aria-invalid={problem !== "" || undefined}
        aria-describedby={describedBy(id)}
        className={`${inputClass} max-w-48`}
      />
    </Field>
  );
}

const AMOUNT_NAMES: Record<string, string> = {
  cost_usd: "How many US dollars more",
  tokens: "How many tokens more",
  tool_calls: "How many tool calls more",
  seconds: "How many seconds of work more",
};
