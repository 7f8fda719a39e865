"use client";
import { ChevronDown, Plus, Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { buttonClass } from "@/components/ui/button";
import { KeyCaps } from "@/components/ui/key-caps";
import { Menu, MenuItem } from "@/components/ui/menu";
import { mayRespond } from "@/hooks/use-session";
import type { Me } from "@/lib/api-types";
import { NEW_ISSUE, SECTIONS, sectionAt } from "@/lib/navigation";
import { AccountMenu } from "./account-menu";
import { BrandMark } from "./brand-mark";
import { NavLink } from "./nav-link";

interface Props {
  me: Me;
  onFind: () => void;
  onShowKeys: () => void;
  onSignOut: () => void;
}

/** The frame's bar: where one is and can go, finding, reporting, and one's account. */
export function TopBar({ me, onFind, onShowKeys, onSignOut }: Props) {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface print:hidden">
      <div className="mx-auto flex h-12 max-w-6xl pointer-coarse:h-14 items-center gap-1 px-4 sm:gap-2">
        <Link
          href="/"
          prefetch={false}
          className="mr-1 flex items-center gap-2 font-semibold tracking-[0.08em] pointer-coarse:min-h-11"
        >
          <BrandMark className="size-6" />
          <span className="max-sm:sr-only">SAHUR</span>
        </Link>
        <Navigation />
        <FindButton onFind={onFind} />
        {mayRespond(me) && (
          <NavLink href={NEW_ISSUE} className={buttonClass("plain", "max-sm:px-2 pointer-coarse:min-w-11")}>
            <Plus className="size-4" aria-hidden />
            <span className="max-sm:sr-only">New issue</span>
          </NavLink>
        )}
        <AccountMenu me={me} onShowKeys={onShowKeys} onSignOut={onSignOut} />
      </div>
    </header>
  );
}

function Navigation() {
  const pathname = usePathname();
  const here = sectionAt(pathname);
  const current = (href: string) => (href === here?.href ? (pathname === href ? "page" : "true") : undefined);
  return (
    <nav aria-label="Pages" className="flex flex-1 items-center">
      <ul className="hidden gap-1 sm:flex">
        {SECTIONS.map(({ name, href }) => (
          <li key={href}>
            <NavLink
              href={href}
              aria-current={current(href)}
              className={buttonClass("quiet", "aria-[current]:bg-raised aria-[current]:text-ink")}
            >
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
      <div className="sm:hidden">
        <Menu
          label={`Pages; this is ${here?.name ?? "none of them"}`}
          align="start"
          triggerClass={buttonClass("quiet", "px-2 text-ink")}
          trigger={
            <>
              {here?.name ?? "Pages"}
              <ChevronDown className="size-4 text-muted" aria-hidden />
            </>
          }
        >
          {SECTIONS.map(({ name, href }) => (
            <MenuItem key={href} href={href} isCurrent={href === here?.href}>
              {name}
            </MenuItem>
          ))}
        </Menu>
      </div>
    </nav>
  );
}

function FindButton({ onFind }: { onFind: () => void }) {
  return (
    <button
      type="button"
      onClick={onFind}
      aria-label="Find a command or an issue"
      aria-haspopup="dialog"
      className={buttonClass("quiet", "max-md:px-2 pointer-coarse:min-w-11 md:border-line md:pr-1.5 md:pl-2.5")}
    >
      <Search className="size-4" aria-hidden />
      <span className="hidden md:inline">Find</span>
      <KeyCaps keys="mod+k" className="ml-3 hidden md:inline-flex" />
    </button>
  );
}
