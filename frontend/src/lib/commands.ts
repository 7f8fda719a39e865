/**
 * Every command that has a key or stands in the command palette. What it does is said by the component that offers it
 * (`useCommands`), while that is on the page; this table feeds the keys, the palette and the sheet that explains the keys.
 */
import { strokesOf } from "./keys";

/** Headings of the palette and of the sheet, in this order. */
export const GROUPS = ["Go to", "General", "Issue list", "Issue", "Run", "Question or approval"] as const;

export interface Command {
  id: string;
  /** What happens, as one would ask for it: "Close the issue". */
  title: string;
  /** Any of them; `g i` is one after the other. None: only in the palette. */
  keys: readonly string[];
  group: (typeof GROUPS)[number];
  /** The same key may mean something else in another scope: of those on the page, the one that came last wins. */
  scope: "global" | "list" | "issue" | "run" | "dock";
  /** When it can be had, for the sheet; empty for always. */
  when?: string;
  /** Also while somebody types. Only for keys that no field needs. */
  inFields?: boolean;
  /** Also while a dialog is open. */
  inDialogs?: boolean;
  /** Holding the key down repeats it. Never for what changes something. */
  repeats?: boolean;
}

const TABLE = [
  { id: "go.issues", title: "Go to issues", keys: ["g i"], group: "Go to", scope: "global" },
  { id: "go.overview", title: "Go to the overview", keys: ["g o"], group: "Go to", scope: "global" },
  { id: "go.settings", title: "Go to settings", keys: ["g s"], group: "Go to", scope: "global" },
  { id: "palette", title: "Find a command or an issue", keys: ["mod+k"], group: "General", scope: "global", inFields: true },
  { id: "search", title: "Search", keys: ["/"], group: "General", scope: "global" },
  { id: "issue.new", title: "Report a problem", keys: ["c"], group: "General", scope: "global", when: "for responders" },
  { id: "theme", title: "Change between light and dark", keys: ["t"], group: "General", scope: "global" },
  { id: "keys", title: "Show the keys", keys: ["?"], group: "General", scope: "global" },
  { id: "run.message", title: "Say something to the run", keys: ["m"], group: "Run", scope: "run", when: "while it goes on" },
  { id: "run.stop", title: "Stop the run", keys: ["shift+s"], group: "Run", scope: "run", when: "while it goes on" },
  { id: "sign-out", title: "Sign out", keys: [], group: "General", scope: "global" },
  { id: "list.next", title: "Next issue", keys: ["j", "down"], group: "Issue list", scope: "list", repeats: true },
  { id: "list.previous", title: "Previous issue", keys: ["k", "up"], group: "Issue list", scope: "list", repeats: true },
  { id: "list.open", title: "Open the issue", keys: ["o", "enter"], group: "Issue list", scope: "list" },
  { id: "list.select", title: "Select the issue", keys: ["x"], group: "Issue list", scope: "list" },
  { id: "list.seen", title: "Mark as read or unread", keys: ["u"], group: "Issue list", scope: "list" },
  {
    id: "list.clear",
    title: "Select nothing",
    keys: ["esc"],
    group: "Issue list",
    scope: "list",
    when: "while some are selected",
  },
  { id: "run.view", title: "Change between story and trace", keys: ["v"], group: "Run", scope: "run" },
  { id: "run.latest", title: "Jump to the latest", keys: ["e"], group: "Run", scope: "run", when: "while it goes on" },
  {
    id: "evidence.next",
    title: "Next evidence",
    keys: ["]"],
    group: "Run",
    scope: "run",
    when: "while evidence is shown",
    inDialogs: true,
  },
  {
    id: "evidence.previous",
    title: "Previous evidence",
    keys: ["["],
    group: "Run",
    scope: "run",
    when: "while evidence is shown",
    inDialogs: true,
  },
] as const satisfies readonly Command[];

export type CommandId = (typeof TABLE)[number]["id"];
export const COMMANDS: readonly (Command & { id: CommandId })[] = TABLE;

/**
 * Pairs of commands of which one could never be reached: the same keys twice in one scope, or keys with which a longer
 * sequence of the same or of the global scope begins.
 */
export function conflictsOf(commands: readonly Command[]): string[] {
  const entries = commands.flatMap(({ id, scope, keys }) =>
    keys.map((one) => ({ id, scope, strokes: strokesOf(one).join(" ") })),
  );
  return entries.flatMap((a, index) =>
    entries.flatMap((b, other) => {
      const isSame = other > index && a.scope === b.scope && a.strokes === b.strokes;
      const meet = a.scope === b.scope || a.scope === "global" || b.scope === "global";
      const isHidden = meet && b.strokes.startsWith(`${a.strokes} `);
      return isSame || isHidden ? [`${a.id} (${a.strokes}) and ${b.id} (${b.strokes})`] : [];
    }),
  );
}
