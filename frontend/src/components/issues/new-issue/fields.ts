/** What the parts of the form share. */
import type { IssueDraft } from "@/hooks/use-new-issue";

export const FIELDS = ["team", "title", "body", "repository", "revision", "severity"] as const;
export type FieldName = (typeof FIELDS)[number];

export interface FieldsProps {
  draft: IssueDraft;
  change: (part: Partial<IssueDraft>) => void;
  /** What the server says is wrong with a field. */
  errorOf: (name: FieldName) => string | undefined;
}
