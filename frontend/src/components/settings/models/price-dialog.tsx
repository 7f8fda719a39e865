"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { usePriceChanges } from "@/hooks/use-installation";
import { formErrors } from "@/lib/form-errors";
import { type PriceDraft, priceBody } from "@/lib/model-view";
import { notify } from "@/lib/notices";

const FIELDS = ["name", "input", "output", "cached_input"] as const;

interface Props {
  first: PriceDraft;
  /** A name that has a price keeps it: another name is another price. */
  isNew: boolean;
  onClose: () => void;
}

export function PriceDialog({ first, isNew, onClose }: Props) {
  const [draft, setDraft] = useState(first);
  const { set } = usePriceChanges();
  const { at, rest } = formErrors(set.error, FIELDS);
  const change = (part: Partial<PriceDraft>) => setDraft((known) => ({ ...known, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(priceBody(draft), {
      onSuccess: ({ name }) => {
        notify(`The price of ${name} holds within half a minute.`);
        onClose();
      },
    });
  };
  return (
    <Dialog title={isNew ? "Set a price" : `Price of ${first.name}`} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <NameField value={draft.name} isFixed={!isNew} onChange={(name) => change({ name })} error={at("name")} />
        <div className="grid gap-4 sm:grid-cols-3">
          <Amount
            id="price-input"
            label="Input"
            value={draft.input}
            onChange={(input) => change({ input })}
            error={at("input")}
          />
          <Amount
            id="price-output"
            label="Output"
            value={draft.output}
            onChange={(output) => change({ output })}
            error={at("output")}
          />
          <Amount
            id="price-cached"
            label="Cached input"
            isRequired={false}
            value={draft.cached}
            onChange={(cached) => change({ cached })}
            error={at("cached_input")}
          />
        </div>
        <p className="text-xs text-muted">
          US dollars per million tokens. Without a price for cached input, tokens from the vendor's cache cost as any input.
        </p>
        <ProblemNote error={rest} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={set.isPending}>
            Save price
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface NameProps {
  value: string;
  isFixed: boolean;
  onChange: (name: string) => void;
  error: string | undefined;
}

function NameField({ value, isFixed, onChange, error }: NameProps) {
  return (
    <Field
      id="price-name"
      label="Model"
      hint="How its name begins, without the provider, such as claude-sonnet-4-5."
      error={error}
    >
      <input
        id="price-name"
        required
        readOnly={isFixed}
        maxLength={200}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy("price-name")}
        className={`${inputClass} font-mono read-only:bg-raised read-only:text-muted`}
      />
    </Field>
  );
}

interface AmountProps {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  isRequired?: boolean;
}

function Amount({ id, label, value, onChange, error, isRequired = true }: AmountProps) {
  return (
    <Field id={id} label={label} error={error}>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={0}
        step="any"
        required={isRequired}
        placeholder={isRequired ? "" : "as input"}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        className={inputClass}
      />
    </Field>
  );
}
