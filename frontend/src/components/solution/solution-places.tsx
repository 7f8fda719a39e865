import { GitCommitHorizontal, MapPin, UserRound } from "lucide-react";
import type { OwnerHint, Solution } from "@/lib/event-types.gen";
import { fullTime, shortSha } from "@/lib/format";
import { Part } from "./solution-parts";

/** Where it is, and since when. */
export function WhereAndWhen({ solution }: { solution: Solution }) {
  const { locations, suspect_commit: commit } = solution;
  if (locations.length === 0 && !commit) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {locations.length > 0 && <Locations locations={locations} />}
      {commit && (
        <Part title="Suspect commit">
          <div className="flex gap-1.5">
            <GitCommitHorizontal className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
            <p className="min-w-0 break-words">
              <code className="font-mono text-xs">{shortSha(commit.sha)}</code> {commit.summary}
              <span className="block text-xs text-muted">
                {commit.author}
                {commit.committed_at && ` · ${fullTime(commit.committed_at)}`}
              </span>
            </p>
          </div>
        </Part>
      )}
    </div>
  );
}

function Locations({ locations }: Pick<Solution, "locations">) {
  return (
    <Part title={locations.length === 1 ? "Location" : "Locations"}>
      <ul className="space-y-0.5">
        {locations.map((place) => (
          <li key={`${place.path}:${place.line}:${place.function}`} className="flex gap-1.5">
            <MapPin className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
            <span className="min-w-0">
              <span className="font-mono text-xs break-all">
                {place.path}
                {place.line !== null && `:${place.line}`}
              </span>
              {place.function && <span className="block text-xs break-all text-muted">in {place.function}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

const REASONS: Record<string, string> = { blame: "changed it last", code_owners: "named in CODEOWNERS" };

/** Whom to ask: a hint from the repository, not an assignment. */
export function Owners({ owners }: { owners: readonly OwnerHint[] }) {
  if (owners.length === 0) return null;
  return (
    <Part title="Who may know">
      <ul className="space-y-0.5">
        {owners.map((owner) => (
          <li key={`${owner.source} ${owner.name}`} className="flex gap-1.5">
            <UserRound className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
            <span className="min-w-0 break-words">
              <span className="font-medium">{owner.name}</span>
              <span className="text-muted">
                {" "}
                · {REASONS[owner.source] ?? owner.source}
                {owner.paths.length > 0 && ": "}
                <span className="font-mono text-xs break-all">{owner.paths.join(", ")}</span>
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
