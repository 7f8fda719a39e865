import { TriangleAlert } from "lucide-react";
import { type Overview, systemProblems } from "@/lib/overview";

/** At the top where something does not work: everybody's runs hang on it. */
export function SystemAlert({ overview }: { overview: Overview }) {
  const problems = systemProblems(overview);
  return (
    <div role="status">
      {problems.length > 0 && (
        <div className="flex items-start gap-2 rounded-lg border border-warn/40 bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <ul className="min-w-0 space-y-0.5 break-words">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
