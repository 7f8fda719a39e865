"use client";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useModels } from "@/hooks/use-installation";
import type { Models } from "@/lib/api/installation";
import { count } from "@/lib/format";
import { EMPTY_PRICE, type PriceDraft, priceName } from "@/lib/model-view";
import { useSettings } from "../settings-frame";
import { ModelTable } from "./model-table";
import { PriceTables } from "./price-tables";

const PriceDialog = lazy(async () => ({ default: (await import("./price-dialog")).PriceDialog }));

/** Which models think, how they are, and what they cost. Staff keep the prices; the rest is set where the system runs. */
export function ModelSettings() {
  const { me } = useSettings();
  const models = useModels();
  const [edited, setEdited] = useState<PriceDraft | null>(null);
  if (models.isPending) return <SkeletonRows label="Loading models" rows={4} rowClass="h-14" />;
  if (!models.data) return <ErrorState error={models.error} onRetry={() => void models.refetch()} />;
  const { data } = models;
  const isStaff = Boolean(me.user?.is_staff);
  const known = new Set(data.prices.map(({ name }) => name));
  return (
    <div className="space-y-8">
      <Configured data={data} />
      {data.unpriced.length > 0 && (
        <Unpriced
          unpriced={data.unpriced}
          onSet={isStaff ? (model) => setEdited({ ...EMPTY_PRICE, name: priceName(model) }) : undefined}
        />
      )}
      <PriceTables data={data} isStaff={isStaff} onEdit={setEdited} />
      <Suspense>
        {edited && <PriceDialog first={edited} isNew={!known.has(edited.name)} onClose={() => setEdited(null)} />}
      </Suspense>
    </div>
  );
}

function Configured({ data }: { data: Models }) {
  return (
    <section aria-labelledby="models-title" className="space-y-3">
      <h2 id="models-title" className="font-semibold">
        Models
      </h2>
      {data.problem && (
        <div role="alert" className="rounded-md border border-bad/40 bg-bad-soft px-3 py-2 text-bad">
          <p className="font-medium break-words">{data.problem.detail}</p>
          <p>{data.problem.next_step} Until then runs end at their start with this reason.</p>
        </div>
      )}
      {data.models.length > 0 && <ModelTable models={data.models} />}
      {!data.knows_rests && (
        <p role="status" className="text-warn">
          The cache cannot be reached, so whether a model rests at present is not known.
        </p>
      )}
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        A conversation is kept to {count(data.context_chars)} characters, whatever the model could take. Models and keys are set
        where the system runs (SAHUR_MODEL, SAHUR_MODEL_FAST, SAHUR_MODEL_FALLBACKS, SAHUR_MODEL_CHOICES, SAHUR_MODEL_KEYS) and
        hold from the next start of server and workers; docs/models.md has all of them.
      </p>
    </section>
  );
}

interface UnpricedProps {
  unpriced: Models["unpriced"];
  onSet: ((model: string) => void) | undefined;
}

function Unpriced({ unpriced, onSet }: UnpricedProps) {
  return (
    <section aria-labelledby="unpriced-title" className="rounded-lg border border-warn/50 bg-warn-soft p-3">
      <h2 id="unpriced-title" className="font-semibold">
        Prices that are not known
      </h2>
      <p className="mb-2 text-[0.8125rem] text-muted">
        These models answered within the last 30 days. The cost of their calls is missing from budgets and sums.
        {!onSet && " Staff can set their prices."}
      </p>
      <ul className="space-y-1.5">
        {unpriced.map(({ name, calls }) => (
          <li key={name} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <span className="min-w-0 break-all">
              <span className="font-mono text-[0.8125rem]">{name}</span>
              <span className="text-muted">
                , {count(calls)} {calls === 1 ? "call" : "calls"}
              </span>
            </span>
            {onSet && (
              <Button onClick={() => onSet(name)} aria-label={`Set the price of ${name}`}>
                Set price
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
