"use client";
import { inputClass } from "@/components/ui/field";
import type { Me } from "@/lib/api-types";
import { type Asked, SPANS } from "@/lib/overview";

interface Props {
  teams: Me["teams"];
  asked: Asked;
  onAsk: (change: Partial<Asked>) => void;
}

/** Of which team, and of how many days. */
export function Controls({ teams, asked, onAsk }: Props) {
  return (
    <div className="flex w-full flex-wrap gap-2 sm:ml-auto sm:w-auto">
      {teams.length > 1 && (
        <select
          aria-label="Team"
          value={asked.team}
          onChange={(event) => onAsk({ team: event.target.value })}
          className={`${inputClass} w-auto! min-w-0 py-1! text-[0.8125rem]! max-sm:flex-1`}
        >
          <option value="">All my teams</option>
          {teams.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      )}
      <fieldset className="flex rounded-md border border-line-strong/60 bg-surface p-0.5">
        <legend className="sr-only">Days</legend>
        {SPANS.map((days) => (
          <label
            key={days}
            className="flex min-h-7 cursor-pointer items-center rounded px-2.5 text-[0.8125rem] whitespace-nowrap text-muted has-checked:bg-raised has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:min-h-10"
          >
            <input type="radio" name="days" className="sr-only" checked={asked.days === days} onChange={() => onAsk({ days })} />
            {days} days
          </label>
        ))}
      </fieldset>
    </div>
  );
}
