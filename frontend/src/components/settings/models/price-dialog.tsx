"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { TextField } from "@/components/ui/text-field";
import { usePriceChanges } from "@/hooks/use-installation";
import type { ModelPrice } from "@/lib/api/installation";
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
  const onSuccess = ({ name }: ModelPrice) => {
    notify(`The price of ${name} holds within half a minute.`);
    onClose();
  };
  return (
    <FormDialog
      title={isNew ? "Set a price" : `Price of ${first.name}`}
      submitLabel="Save price"
      isBusy={set.isPending}
      error={rest}
      onSubmit={() => set.mutate(priceBody(draft), { onSuccess })}
      onClose={onClose}
    >
      <TextField
        id="price-name"
        label="Model"
        hint="How its name begins, without the provider, such as claude-sonnet-4-5."
        isCode
        required
        readOnly={!isNew}
        maxLength={200}
        value={draft.name}
        onChange={(name) => change({ name })}
        error={at("name")}
        className="read-only:bg-raised read-only:text-muted"
      />
      <div className="grid gap-4 sm:grid-cols-3">
        <Amount id="price-input" label="Input" value={draft.input} onChange={(input) => change({ input })} error={at("input")} />
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
    </FormDialog>
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

function Amount({ isRequired = true, ...field }: AmountProps) {
  return (
    <TextField
      {...field}
      type="number"
      inputMode="decimal"
      min={0}
      step="any"
      required={isRequired}
      placeholder={isRequired ? "" : "as input"}
    />
  );
}
