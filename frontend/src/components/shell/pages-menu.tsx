"use client";
import { Menu, MenuItem } from "@/components/ui/menu";
import { SECTIONS, type Section } from "@/lib/navigation";
import type { MenuButton } from "./top-bar";

/** The sections, where the bar has no room for them. Loaded when it is asked for, and open then. */
export function PagesMenu({ here, ...button }: { here: Section | undefined } & MenuButton) {
  return (
    <Menu {...button} align="start" isOpenAtOnce>
      {SECTIONS.map(({ name, href }) => (
        <MenuItem key={href} href={href} isCurrent={href === here?.href}>
          {name}
        </MenuItem>
      ))}
    </Menu>
  );
}
