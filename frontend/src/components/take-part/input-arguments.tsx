"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { type ArgumentField, fieldsOf, withArgument } from "@/lib/argument-fields";
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

/** What is to be used instead of what was asked for: the amount of a budget; of a tool, field by field or as JSON. */
export function ArgumentsField(props: Props) {
  const [isJson, setJson] = useState(false);
  if (props.input.kind === "budget") return <AmountField {...props} />;
  const values = readArguments(props.text).values;
  const fields = fieldsOf(props.input.arguments_schema, values ?? {});
  // Text that is no JSON object can only be mended as text.
  if (fields.length === 0 || !values) return <JsonField {...props} />;
  return (
    <div className="space-y-3 rounded border border-line bg-surface p-3">
      {isJson ? <JsonField {...props} /> : <Fields {...props} fields={fields} values={values} />}
      <Button variant="quiet" className="-ml-2 px-2" onClick={() => setJson(!isJson)}>
        {isJson ? "Edit field by field" : "Edit as JSON"}
      </Button>
    </div>
  );
}

interface FieldsProps extends Props {
  fields: readonly ArgumentField[];
  values: Record<string, unknown>;
}

function Fields({ input, fields, values, problem, onChange }: FieldsProps) {
  return (
    <fieldset className="space-y-3">
      <legend className="sr-only">Arguments to use instead</legend>
      {fields.map((field) => {
        const id = `argument-${input.id}-${field.name}`;
        return (
          <Field key={field.name} id={id} label={field.name} hint={field.hint} isOptional={!field.isRequired}>
            <OneArgument
              id={id}
              field={field}
              value={values[field.name]}
              onChange={(value) => onChange(asText(withArgument(values, field, value)))}
            />
          </Field>
        );
      })}
      {problem && (
        <p role="alert" className="text-xs font-medium text-bad">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

interface OneProps {
  id: string;
  field: ArgumentField;
  value: unknown;
  onChange: (value: string | number | boolean) => void;
}

function OneArgument({ id, field, value, onChange }: OneProps) {
  const shared = { id, "aria-describedby": describedBy(id) };
  const text = value === undefined || value === null ? "" : String(value);
  switch (field.kind) {
    case "choice":
      return (
        <select {...shared} value={text} onChange={(event) => onChange(event.target.value)} className={inputClass}>
          {!(field.isRequired && text) && <option value="">none</option>}
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      );
    case "flag":
      return (
        <input
          {...shared}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
          className="size-5 accent-accent pointer-coarse:size-6"
        />
      );
    case "number":
      return (
        <input
          {...shared}
          type="number"
          min={field.min}
          max={field.max}
          step={field.isWhole ? 1 : "any"}
          inputMode={field.isWhole ? "numeric" : "decimal"}
          defaultValue={text}
          onChange={(event) => onChange(event.target.valueAsNumber)}
          className={`${inputClass} max-w-48`}
        />
      );
    case "text":
      return (
        <textarea
          {...shared}
          rows={field.isLong ? 4 : 1}
          spellCheck={field.isLong}
          autoCapitalize="none"
          value={text}
          onChange={(event) => onChange(event.target.value)}
          className={`${inputClass} block field-sizing-content max-h-60 resize-none`}
        />
      );
    case "nested":
      return (
        <output {...shared} className="block font-mono text-xs break-words text-muted">
          {value === undefined ? "not given" : JSON.stringify(value)} (to be changed as JSON)
        </output>
      );
  }
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
