"use client";
import { Bell, BellRing } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { TellMe } from "@/hooks/use-run-news";

/** Whoever leaves is told when there is something to see; asked for once, it holds for all runs. */
export function TellMeButton({ tell }: { tell: TellMe }) {
  const Icon = tell.isOn ? BellRing : Bell;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Button
        variant="quiet"
        className="-ml-2 px-2 text-xs"
        aria-pressed={tell.isOn}
        onClick={tell.toggle}
        title="When a run ends or asks something while you look elsewhere"
      >
        <Icon className={`size-3.5 ${tell.isOn ? "text-accent" : ""}`} aria-hidden />
        {tell.isOn ? "You are told when it is done" : "Tell me when it is done"}
      </Button>
      {tell.isOn && tell.refusal && <span className="text-xs text-muted">{tell.refusal}</span>}
    </span>
  );
}
