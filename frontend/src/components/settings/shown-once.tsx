"use client";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";

interface Props {
  label: string;
  secret: string;
  onDone: () => void;
  /** What to do with it. */
  children: ReactNode;
}

/** A secret that nobody can be shown again, with the way to take it along. */
export function ShownOnce({ label, secret, onDone, children }: Props) {
  return (
    <div className="space-y-4 p-4">
      <div>
        <p className="mb-1.5 text-[0.8125rem] font-medium">{label}</p>
        <div className="flex items-center gap-2 rounded-md border border-line-strong bg-raised py-1 pr-1 pl-3">
          <code data-testid="secret" className="min-w-0 flex-1 font-mono text-[0.8125rem] break-all select-all">
            {secret}
          </code>
          <CopyButton text={secret} label="Copy" isLabeled />
        </div>
        <p className="mt-1.5 text-xs font-medium text-warn">Shown only now. Nobody can look it up later.</p>
      </div>
      <p className="text-muted">{children}</p>
      <div className="flex justify-end">
        <Button variant="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
