/** The pages of the settings: what each is about, and who may open it. */
import type { Me } from "./api-types";
import type { Role } from "./decisions";

/** Whom a page is for. `admin`: of the chosen team; `any-admin`: of some team, or staff. */
type Reader = "anyone" | "member" | "admin" | "any-admin" | "staff";

export interface SettingsPage {
  slug: string;
  name: string;
  lead: string;
  group: "You" | "Team" | "System";
  reader: Reader;
  /** Whether it shows one team, which the address names (`?team=SAH`); `or-all`: one, or all of them together. */
  team: "one" | "or-all" | "none";
}

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  {
    slug: "teams",
    name: "Teams",
    lead: "The teams you are in, and your role in each.",
    group: "You",
    reader: "anyone",
    team: "none",
  },
  {
    slug: "tokens",
    name: "API tokens",
    lead: "Keys for machines and agents that act in your name.",
    group: "You",
    reader: "anyone",
    team: "none",
  },
  {
    slug: "accounts",
    name: "You in Slack",
    lead: "Who you are there. What you may do here, you may do there.",
    group: "You",
    reader: "anyone",
    team: "none",
  },
  {
    slug: "members",
    name: "Members",
    lead: "Who is in the team, and what each may do.",
    group: "Team",
    reader: "member",
    team: "one",
  },
  {
    slug: "budgets",
    name: "Budgets",
    lead: "What a run may spend, and all runs of a day together.",
    group: "Team",
    reader: "member",
    team: "one",
  },
  {
    slug: "repositories",
    name: "Repositories",
    lead: "The code that investigations read.",
    group: "Team",
    reader: "member",
    team: "one",
  },
  {
    slug: "audit",
    name: "Audit log",
    lead: "Who did what, and when. Entries are never changed.",
    group: "Team",
    reader: "any-admin",
    team: "or-all",
  },
  {
    slug: "upstreams",
    name: "Upstreams",
    lead: "The tool servers behind the gateway, their tools and policies.",
    group: "System",
    reader: "any-admin",
    team: "none",
  },
  {
    slug: "models",
    name: "Models and prices",
    lead: "Which models think, and what they cost.",
    group: "System",
    reader: "any-admin",
    team: "none",
  },
  {
    slug: "slack",
    name: "Slack workspaces",
    lead: "Where reports come in from Slack, and for which team.",
    group: "System",
    reader: "any-admin",
    team: "none",
  },
];

export const SETTINGS_GROUPS = ["You", "Team", "System"] as const;

type TeamOfMine = Me["teams"][number];

/** The page that a path shows; none for the settings' own first page. */
export function pageAt(pathname: string): SettingsPage | undefined {
  const slug = /^\/settings\/([a-z]+)/.exec(pathname)?.[1];
  return SETTINGS_PAGES.find((page) => page.slug === slug);
}

/** With the team, where the page knows one. */
export function settingsAddress(page: SettingsPage, team: string): string {
  return `/settings/${page.slug}/${page.team !== "none" && team ? `?team=${encodeURIComponent(team)}` : ""}`;
}

const isAdminSomewhere = (me: Me): boolean => me.teams.some(({ role }) => role === "admin");

/** Whether the page is offered: in at least one of the person's teams it can be opened. */
export function isOffered({ reader }: SettingsPage, me: Me): boolean {
  if (reader === "anyone") return true;
  if (reader === "staff") return Boolean(me.user?.is_staff);
  if (reader === "any-admin") return Boolean(me.user?.is_staff) || isAdminSomewhere(me);
  return reader === "member" ? me.teams.length > 0 : isAdminSomewhere(me);
}

/** The teams that a page can show to this person. */
export function teamsFor({ reader }: SettingsPage, me: Me): TeamOfMine[] {
  return reader === "admin" || reader === "any-admin" ? me.teams.filter(({ role }) => role === "admin") : me.teams;
}

/** The team that the address means; without one the first, where the page shows one at a time. */
export function chosenTeam(page: SettingsPage, me: Me, asked: string | null): TeamOfMine | undefined {
  if (page.team === "none") return undefined;
  if (asked) return me.teams.find(({ key }) => key === asked);
  return page.team === "one" ? teamsFor(page, me)[0] : undefined;
}

export interface Refusal {
  reason: string;
  /** What to do about it. */
  next: string;
}

/** Why the page is not shown to this person; null if it is. The server refuses by itself: this only says so in time. */
export function refusal(page: SettingsPage, me: Me, asked: string | null): Refusal | null {
  if (!isOffered(page, me)) return notOffered(page);
  if (page.team === "none" || !asked) return null;
  const team = me.teams.find(({ key }) => key === asked);
  if (!team) {
    return {
      reason: `There is no team ${asked} here, or you are not in it.`,
      next: "Choose one of your teams, or ask an admin of that team to add you.",
    };
  }
  const isAdmins = page.reader === "admin" || page.reader === "any-admin";
  return isAdmins && team.role !== "admin" ? needsAdmin(team) : null;
}

function notOffered({ reader }: SettingsPage): Refusal {
  if (reader === "staff") {
    return { reason: "This page is for the staff of this system.", next: "Ask whoever set it up." };
  }
  if (reader === "member") return { reason: "You are not in any team.", next: "Ask an admin of a team to add you." };
  return { reason: "This page is for admins of a team.", next: "Ask an admin of your team to change your role." };
}

function needsAdmin(team: TeamOfMine): Refusal {
  return {
    reason: `This page is for admins; in ${team.name} you are ${article(team.role)} ${team.role}.`,
    next: "Ask an admin of the team to change your role.",
  };
}

export const article = (role: Role): string => (role === "admin" ? "an" : "a");
