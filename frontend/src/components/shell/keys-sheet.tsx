"use client";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { KeyCaps } from "@/components/ui/key-caps";
import { areSingleKeysOn, setSingleKeys } from "@/hooks/use-commands";
import { COMMANDS, GROUPS } from "@/lib/commands";

const WITH_KEYS = COMMANDS.filter((command) => command.keys.length > 0);

/** Every key and what it does, as the registry has it. */
export function KeysSheet({ onClose }: { onClose: () => void }) {
  const [areOn, setOn] = useState(areSingleKeysOn);
  const change = (next: boolean) => {
    setSingleKeys(next);
    setOn(next);
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} placement="top">
      <div className="space-y-5 px-4 py-4">
        {GROUPS.map((group) => (
          <KeyGroup key={group} group={group} />
        ))}
        <label className="flex min-h-8 items-center gap-2 border-t border-line pt-4 pointer-coarse:min-h-11">
          <input type="checkbox" checked={areOn} onChange={(event) => change(event.target.checked)} className="size-4" />
          Use keys that are a single character
        </label>
        <p className="text-xs text-muted">Off, only combinations with Ctrl, Alt or Command work. Kept in this browser.</p>
      </div>
    </Dialog>
  );
}

function KeyGroup({ group }: { group: (typeof GROUPS)[number] }) {
  const commands = WITH_KEYS.filter((command) => command.group === group);
  if (commands.length === 0) return null;
  return (
    <section aria-label={group}>
      <h3 className="mb-1 text-xs font-medium text-muted">{group}</h3>
      <dl className="divide-y divide-line">
        {commands.map(({ id, title, keys, when }) => (
          <div key={id} className="flex items-baseline justify-between gap-4 py-1.5">
            <dt>
              {title}
              {when && <span className="text-xs text-muted"> · {when}</span>}
            </dt>
            <dd className="flex shrink-0 flex-wrap justify-end gap-x-3 gap-y-1">
              {keys.map((one) => (
                <KeyCaps key={one} keys={one} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
