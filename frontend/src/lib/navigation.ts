/** The pages that the frame leads to, and which of them an address belongs to. */
import type { CommandId } from "./commands";

export interface Section {
  name: string;
  href: string;
  /** The command that goes there. */
  command: CommandId;
}

export const SECTIONS: readonly Section[] = [
  { name: "Issues", href: "/", command: "go.issues" },
  { name: "Overview", href: "/overview/", command: "go.overview" },
  { name: "Settings", href: "/settings/", command: "go.settings" },
];

export const NEW_ISSUE = "/issues/new/";

/** The section that a path lies in; none for pages outside of all. */
export function sectionAt(pathname: string): Section | undefined {
  const isIssue = pathname === "/" || pathname.startsWith("/issues/");
  return SECTIONS.find(({ href }) => (href === "/" ? isIssue : pathname.startsWith(href)));
}
