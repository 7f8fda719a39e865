"use client";
import { ChevronRight } from "lucide-react";
import { NavLink } from "@/components/shell/nav-link";
import { isOffered, SETTINGS_GROUPS, SETTINGS_PAGES, settingsAddress } from "@/lib/settings-pages";
import { useSettings } from "./settings-frame";

/** The first page of the settings: what there is for this person. */
export function SettingsOverview() {
  const { me } = useSettings();
  return (
    <>
      <h1 className="text-xl font-semibold tracking-tight">Settings</h1>
      <div className="mt-5 space-y-6">
        {SETTINGS_GROUPS.map((group) => {
          const pages = SETTINGS_PAGES.filter((page) => page.group === group && isOffered(page, me));
          if (pages.length === 0) return null;
          return (
            <section key={group} aria-labelledby={`group-${group}`}>
              <h2 id={`group-${group}`} className="mb-2 text-[0.8125rem] font-semibold">
                {group}
              </h2>
              <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
                {pages.map((page) => (
                  <li key={page.slug}>
                    <NavLink
                      href={settingsAddress(page, "")}
                      className="flex min-h-14 items-center gap-3 px-4 py-2 hover:bg-raised"
                    >
                      <span className="min-w-0 flex-1">
                        <span className="block font-medium">{page.name}</span>
                        <span className="block text-[0.8125rem] text-muted">{page.lead}</span>
                      </span>
                      <ChevronRight className="size-4 text-faint" aria-hidden />
                    </NavLink>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </>
  );
}
