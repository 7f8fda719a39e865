"use client";
import { CircleCheck, CirclePause } from "lucide-react";
import { Badge } from "@/components/ui/badges";
import { type Column, DataTable } from "@/components/ui/data-table";
import type { ConfiguredModel } from "@/lib/api/installation";
import { clockTime, count, duration } from "@/lib/format";
import { KEY_NAMES, PART_MEANINGS, PART_NAMES, perMillion, restReason } from "@/lib/model-view";

const COLUMNS: readonly Column<ConfiguredModel>[] = [
  { id: "name", header: "Model", cell: (model) => <Name model={model} /> },
  { id: "state", header: "State", cell: (model) => <State model={model} /> },
  {
    id: "server",
    header: "Server and key",
    cell: ({ host, vendor, key }) => (
      <>
        <p className="break-words">{vendor === "offline" ? "None: rules" : host || "The vendor's own"}</p>
        <p className="text-xs text-muted">Key: {KEY_NAMES[key]}</p>
      </>
    ),
  },
  {
    id: "limits",
    header: "Longest answer",
    cell: ({ vendor, timeout_seconds, max_answer_tokens }) =>
      vendor === "offline" ? (
        <span className="text-muted">None</span>
      ) : (
        <>
          <p className="whitespace-nowrap">{count(max_answer_tokens)} tokens</p>
          <p className="text-xs whitespace-nowrap text-muted">within {duration(timeout_seconds * 1000)}</p>
        </>
      ),
  },
  { id: "price", header: "Price per million tokens", cell: (model) => <Price model={model} /> },
];

export function ModelTable({ models }: { models: readonly ConfiguredModel[] }) {
  return <DataTable label="Models" columns={COLUMNS} rows={models} rowKey={({ name, host }) => `${name}@${host}`} />;
}

function Name({ model }: { model: ConfiguredModel }) {
  return (
    <>
      <p className="font-mono text-[0.8125rem] break-words">{model.name}</p>
      <p className="text-xs font-normal text-muted">
        {model.parts.map((part, index) => (
          <span key={part} title={PART_MEANINGS[part]}>
            {index > 0 && ", "}
            {PART_NAMES[part]}
          </span>
        ))}
      </p>
    </>
  );
}

function State({ model }: { model: ConfiguredModel }) {
  if (!model.rest) return <Badge tone="neutral" Icon={CircleCheck} label="In use" />;
  return (
    <>
      <Badge tone="warn" Icon={CirclePause} label={`Rests until ${clockTime(model.rest.until)}`} />
      <p className="mt-1 max-w-56 text-xs text-muted">{restReason(model.rest.reason)}</p>
    </>
  );
}

function Price({ model }: { model: ConfiguredModel }) {
  const { price } = model;
  if (model.vendor === "offline") return <span className="text-muted">Free</span>;
  if (!price) return <span className="text-warn">Not known</span>;
  return (
    <>
      <p className="whitespace-nowrap">
        {perMillion(price.input)} in, {perMillion(price.output)} out
      </p>
      <p className="text-xs text-muted">
        {price.source === "own" ? "Set by staff" : "Built-in list"}, {price.name}
      </p>
    </>
  );
}
