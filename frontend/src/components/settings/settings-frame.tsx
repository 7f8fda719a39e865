"use client";
import { ChevronDown } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { createContext, type ReactNode, useContext } from "react";
import { AppShell } from "@/components/shell/app-shell";
import { Boundary } from "@/components/shell/boundary";
import { NavLink } from "@/components/shell/nav-link";
import type { Me } from "@/lib/api-types";
import {
  chosenTeam,
  isOffered,
  pageAt,
  type Refusal,
  refusal,
  SETTINGS_GROUPS,
  SETTINGS_PAGES,
  type SettingsPage,
  settingsAddress,
  teamsFor,
} from "@/lib/settings-pages";

interface Settings {
  me: Me;
  /** The team that the address names, or the first; none where the page is about no single team. */
  team: Me["teams"][number] | undefined;
}

export const SettingsContext = createContext<Settings | null>(null);

/** Who is looking, and at which team. Only below the frame. */
export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error("Settings pages stand in the settings' frame.");
  return settings;
}

/** For pages that are about one team: the frame shows them only when there is one. */
export function useTeamSettings(): { me: Me; team: Me["teams"][number] } {
  const { me, team } = useSettings();
  if (!team) throw new Error("This page is about one team; its line in settings-pages says otherwise.");
  return { me, team };
}

/** What all settings pages have in common: the way from one to the other, the team, and who is kept out and why. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  return <AppShell>{(me) => <Frame me={me}>{children}</Frame>}</AppShell>;
}

function Frame({ me, children }: { me: Me; children: ReactNode }) {
  const pathname = usePathname();
  const asked = useSearchParams().get("team");
  const page = pageAt(pathname);
  const refused = page ? refusal(page, me, asked) : null;
  const team = page && !refused ? chosenTeam(page, me, asked) : undefined;
  const carried = me.teams.some(({ key }) => key === asked) ? (asked ?? "") : "";
  return (
    <div className="mx-auto max-w-6xl px-4 pt-5 pb-16 lg:grid lg:grid-cols-[12rem_minmax(0,1fr)] lg:gap-8">
      <aside className="hidden lg:block">
        <nav aria-label="Settings" className="sticky top-17 space-y-4">
          <PageLinks me={me} current={page} team={carried} />
        </nav>
      </aside>
      {page && <PhoneNavigation key={page.slug} me={me} current={page} team={carried} />}
      <main id="main" className="min-w-0">
        {page && <Heading me={me} page={page} team={team?.key ?? ""} isRefused={refused !== null} />}
        {refused ? (
          <Refused refused={refused} />
        ) : (
          <Boundary what="This part of the settings" resetKey={`${pathname} ${team?.key}`}>
            <SettingsContext value={{ me, team }}>{children}</SettingsContext>
          </Boundary>
        )}
      </main>
    </div>
  );
}

function Heading({ me, page, team, isRefused }: { me: Me; page: SettingsPage; team: string; isRefused: boolean }) {
  return (
    <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div>
        <h1 className="text-xl font-semibold tracking-tight">{page.name}</h1>
        <p className="mt-1 text-muted">{page.lead}</p>
      </div>
      {page.team !== "none" && <TeamChooser me={me} page={page} team={team} isRefused={isRefused} />}
    </div>
  );
}

/** The chosen team stands in the address, so that a page can be sent to a colleague. */
function TeamChooser({ me, page, team, isRefused }: { me: Me; page: SettingsPage; team: string; isRefused: boolean }) {
  const router = useRouter();
  const teams = teamsFor(page, me);
  const only = teams[0];
  if (!only) return null;
  if (teams.length === 1 && page.team === "one" && !isRefused) {
    return <p className="text-[0.8125rem] text-muted">Team: {only.name}</p>;
  }
  return (
    <label className="flex items-center gap-2 text-[0.8125rem] text-muted">
      Team
      <select
        value={team}
        onChange={(event) => router.replace(settingsAddress(page, event.target.value), { scroll: false })}
        className="min-h-8 max-w-60 rounded-md border border-line-strong bg-surface px-2 text-base text-ink sm:text-[0.8125rem] pointer-coarse:min-h-11"
      >
        {page.team === "or-all" && <option value="">All of mine</option>}
        {page.team === "one" && isRefused && <option value="">Choose…</option>}
        {teams.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NavigationProps {
  me: Me;
  current: SettingsPage | undefined;
  /** Key of the team that stays chosen from page to page; empty: none. */
  team: string;
}

function PhoneNavigation(props: NavigationProps) {
  return (
    <details className="group/pages mb-4 rounded-lg border border-line bg-surface lg:hidden">
      <summary className="flex min-h-10 items-center gap-2 px-3 text-[0.8125rem] pointer-coarse:min-h-11">
        <span className="text-muted">Settings</span>
        <span className="flex-1 font-medium">{props.current?.name}</span>
        <ChevronDown className="size-4 text-muted transition-transform group-open/pages:rotate-180" aria-hidden />
      </summary>
      <nav aria-label="Settings" className="space-y-3 border-t border-line p-3">
        <PageLinks {...props} />
      </nav>
    </details>
  );
}

function PageLinks({ me, current, team }: NavigationProps) {
  return SETTINGS_GROUPS.map((group) => {
    const pages = SETTINGS_PAGES.filter((page) => page.group === group && isOffered(page, me));
    if (pages.length === 0) return null;
    return (
      <div key={group}>
        <p className="mb-1 px-2 text-xs font-medium text-faint">{group}</p>
        <ul>
          {pages.map((page) => (
            <li key={page.slug}>
              <NavLink
                href={settingsAddress(page, team)}
                aria-current={page === current ? "page" : undefined}
                className="flex min-h-8 items-center rounded-md px-2 text-[0.8125rem] text-muted hover:bg-raised hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:font-medium aria-[current=page]:text-ink pointer-coarse:min-h-11"
              >
                {page.name}
              </NavLink>
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

function Refused({ refused }: { refused: Refusal }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-4 py-8 text-center">
      <p className="font-medium">{refused.reason}</p>
      <p className="mt-1 text-muted">{refused.next}</p>
    </div>
  );
}
