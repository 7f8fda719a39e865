"use client";
import { ExternalLink, Keyboard, LogOut } from "lucide-react";
import { useEffect, useState } from "react";
import { Menu, MenuGroup, MenuItem } from "@/components/ui/menu";
import type { Me } from "@/lib/api-types";
import { chooseTheme, readTheme, THEMES, type Theme, watchTheme } from "@/lib/theme";
import type { MenuButton } from "./top-bar";

interface Props {
  me: Me;
  onShowKeys: () => void;
  onSignOut: () => void;
}

const THEME_NAMES: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** Who is signed in, with which rights, and what is theirs to choose. Loaded when it is asked for, and open then. */
export function AccountMenu({ me, onShowKeys, onSignOut, ...button }: Props & MenuButton) {
  const [theme, setTheme] = useState<Theme>(readTheme);
  useEffect(() => watchTheme(() => setTheme(readTheme())), []);
  const name = me.user?.name || me.user?.username || "";
  return (
    <Menu {...button} isOpenAtOnce>
      <MenuGroup label={<WhoAndWhere me={me} name={name} />}>
        <MenuItem href="/settings/teams/">Teams and roles</MenuItem>
        <MenuItem href="/settings/tokens/">API tokens</MenuItem>
      </MenuGroup>
      <MenuGroup label="Colors">
        {THEMES.map((one) => (
          <MenuItem key={one} isChosen={one === theme} onSelect={() => chooseTheme(one)}>
            {THEME_NAMES[one]}
          </MenuItem>
        ))}
      </MenuGroup>
      <MenuGroup>
        <MenuItem onSelect={onShowKeys}>
          <Keyboard className="size-4 text-muted" aria-hidden />
          Keyboard shortcuts
        </MenuItem>
        {me.user?.is_staff && (
          <MenuItem onSelect={() => location.assign("/admin/")}>
            <ExternalLink className="size-4 text-muted" aria-hidden />
            Administration site
          </MenuItem>
        )}
        <MenuItem onSelect={onSignOut}>
          <LogOut className="size-4 text-muted" aria-hidden />
          Sign out
        </MenuItem>
      </MenuGroup>
    </Menu>
  );
}

/** More would fill the menu: the page of teams has them all. */
const TEAMS_SHOWN = 4;

function WhoAndWhere({ me, name }: { me: Me; name: string }) {
  const more = me.teams.length - TEAMS_SHOWN;
  return (
    <>
      <span className="block truncate text-[0.8125rem] font-medium text-ink">{name}</span>
      {name !== me.user?.username && <span className="block truncate">{me.user?.username}</span>}
      {me.teams.slice(0, TEAMS_SHOWN).map((team) => (
        <span key={team.id} className="mt-1 flex justify-between gap-4">
          <span className="truncate">{team.name}</span>
          <span>{team.role}</span>
        </span>
      ))}
      {more > 0 && <span className="mt-1 block">and {more} more</span>}
      {me.teams.length === 0 && <span className="mt-1 block">in no team yet</span>}
    </>
  );
}
