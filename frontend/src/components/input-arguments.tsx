"use client";
import { asText, readArguments } from "@/lib/arguments-text";
import type { OpenInput } from "@/lib/run-state";
import { describedBy, Field, inputClass } from "./ui/field";

interface Props {
  input: OpenInput;
  /** The changed arguments as JSON. */
  text: string;
  /** What is wrong with them, by this page or by the server. */
  problem: string;
  onChange: (text: string) => void;
}

/** What is to be used instead of what was asked for: amounts of a budget as numbers, arguments of a tool as JSON. */
export function ArgumentsField(props: Props) {
  const amounts = props.input.kind === "budget" ? amountsOf(props.text) : null;
  return amounts ? <Amounts {...props} amounts={amounts} /> : <JsonField {...props} />;
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

/** The numbers among the arguments; null where there are none to be changed as such. */
function amountsOf(text: string): [name: string, amount: number][] | null {
  const values = Object.entries(readArguments(text).values ?? {});
  const amounts = values.filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return amounts.length > 0 ? amounts : null;
}

function Amounts({ input, text, problem, amounts, onChange }: Props & { amounts: [string, number][] }) {
  const values = readArguments(text).values ?? {};
  return (
    <div className="flex flex-wrap gap-3">
      {amounts.map(([name, amount]) => {
        const id = `amount-${input.id}-${name}`;
        return (
          <Field key={name} id={id} label={AMOUNT_NAMES[name] ?? name.replaceAll("_", " ")} error={problem}>
            <input
              id={id}
              type="number"
              min={0}
              step="any"
              inputMode="decimal"
              defaultValue={amount}
              onChange={(event) => {
                const next = event.target.valueAsNumber;
                if (Number.isFinite(next)) onChange(asText({ ...values, [name]: next }));
              }}
              aria-invalid={problem !== "" || undefined}
              aria-describedby={describedBy(id)}
              className={`${inputClass} max-w-40`}
            />
          </Field>
        );
      })}
    </div>
  );
}

const AMOUNT_NAMES: Record<string, string> = {
  cost_usd: "US dollars",
  tokens: "Tokens",
  tool_calls: "Tool calls",
  seconds: "Seconds of work",
};
