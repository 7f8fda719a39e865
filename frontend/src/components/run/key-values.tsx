/** Names with their values, of a call's arguments or an event's fields, and the button that shows them as JSON instead. */

export function KeyValues({ entries }: { entries: readonly (readonly [name: string, value: unknown])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(3rem,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="max-h-40 overflow-y-auto font-mono break-words whitespace-pre-wrap">
            {typeof value === "string" ? value || "(empty)" : JSON.stringify(value, null, 1)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface ToggleProps {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

export function JsonToggle({ isOn, onChange }: ToggleProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
      className="min-h-8 rounded px-1.5 text-xs text-muted hover:text-ink aria-pressed:text-accent pointer-coarse:min-h-11"
    >
      JSON
    </button>
  );
}
