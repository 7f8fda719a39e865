"use client";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ModelPrice, Models } from "@/lib/api/installation";
import { draftOf, EMPTY_PRICE, type PriceDraft, perMillion } from "@/lib/model-view";

const RemovePrice = lazy(async () => ({ default: (await import("./remove-price")).RemovePrice }));

type BuiltIn = Models["built_in_prices"][number];

const PRICE_COLUMNS: readonly Column<BuiltIn>[] = [
  {
    id: "name",
    header: "Names that begin with",
    cell: ({ name }) => <span className="font-mono text-[0.8125rem] break-all">{name}</span>,
  },
  { id: "input", header: "Input", isNumber: true, cell: ({ input }) => perMillion(input) },
  { id: "output", header: "Output", isNumber: true, cell: ({ output }) => perMillion(output) },
  {
    id: "cached",
    header: "Cached input",
    isNumber: true,
    cell: ({ cached_input }) => (cached_input === null ? <span className="text-muted">as input</span> : perMillion(cached_input)),
  },
];

interface Props {
  data: Models;
  isStaff: boolean;
  onEdit: (draft: PriceDraft) => void;
}

/** The prices that staff keep, and below them the built-in ones that hold where there is none. */
export function PriceTables({ data, isStaff, onEdit }: Props) {
  return (
    <section aria-labelledby="prices-title" className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <h2 id="prices-title" className="font-semibold">
            Prices
          </h2>
          <p className="text-[0.8125rem] text-muted">
            US dollars per million tokens. The longest name that fits holds, and those set here go before the built-in list.
          </p>
        </div>
        {isStaff && (
          <Button onClick={() => onEdit(EMPTY_PRICE)}>
            <Plus className="size-4" aria-hidden />
            Set a price
          </Button>
        )}
      </div>
      {data.prices.length > 0 ? (
        <OwnPrices prices={data.prices} isStaff={isStaff} onEdit={onEdit} />
      ) : (
        <p className="text-muted">None is set: the built-in list holds.{!isStaff && " Staff can set prices."}</p>
      )}
      <details className="group/built">
        <summary className="inline-flex min-h-9 items-center text-[0.8125rem] text-accent pointer-coarse:min-h-11">
          <span className="group-open/built:hidden">Show</span>
          <span className="hidden group-open/built:inline">Hide</span>&nbsp;the built-in list ({data.built_in_prices.length})
        </summary>
        <div className="mt-2">
          <DataTable label="Built-in prices" columns={PRICE_COLUMNS} rows={data.built_in_prices} rowKey={({ name }) => name} />
        </div>
      </details>
    </section>
  );
}

interface OwnProps {
  prices: ModelPrice[];
  isStaff: boolean;
  onEdit: (draft: PriceDraft) => void;
}

function OwnPrices({ prices, isStaff, onEdit }: OwnProps) {
  const [asked, setAsked] = useState("");
  const columns: Column<ModelPrice>[] = [
    ...PRICE_COLUMNS,
    {
      id: "changed",
      header: "Changed",
      cell: ({ changed_at }) => <RelativeTime at={changed_at} className="whitespace-nowrap" />,
    },
  ];
  if (isStaff) {
    const actions = (price: ModelPrice) => (
      <Actions name={price.name} onEdit={() => onEdit(draftOf(price))} onRemove={() => setAsked(price.name)} />
    );
    columns.push({ id: "actions", header: "Change", isHeaderHidden: true, cell: actions });
  }
  return (
    <>
      <DataTable label="Prices set by staff" columns={columns} rows={prices} rowKey={({ name }) => name} />
      <Suspense>{asked && <RemovePrice name={asked} onClose={() => setAsked("")} />}</Suspense>
    </>
  );
}

function Actions({ name, onEdit, onRemove }: { name: string; onEdit: () => void; onRemove: () => void }) {
  return (
    <span className="flex gap-1 sm:justify-end">
      <Button variant="quiet" className="px-2" aria-label={`Change the price of ${name}`} onClick={onEdit}>
        <Pencil className="size-4" aria-hidden />
      </Button>
      <Button variant="quiet" className="px-2" aria-label={`Remove the price of ${name}`} onClick={onRemove}>
        <Trash2 className="size-4" aria-hidden />
      </Button>
    </span>
  );
}
