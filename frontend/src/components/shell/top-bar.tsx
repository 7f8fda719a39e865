"use client";
import { ChevronDown, Plus, Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { buttonClass } from "@/components/ui/button";
import { KeyCaps } from "@/components/ui/key-caps";
import { mayRespond } from "@/hooks/use-session";
import type { Me } from "@/lib/api-types";
import { initialsOf } from "@/lib/format";
import { NEW_ISSUE, SECTIONS, sectionAt } from "@/lib/navigation";
import { BrandMark } from "./brand-mark";
import { NavLink } from "./nav-link";

const loadAccountMenu = () => import("./account-menu");
const AccountMenu = lazy(() => loadAccountMenu().then((module) => ({ default: module.AccountMenu })));
const loadPagesMenu = () => import("./pages-menu");
const PagesMenu = lazy(() => loadPagesMenu().then((module) => ({ default: module.PagesMenu })));

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
        <Account me={me} onShowKeys={onShowKeys} onSignOut={onSignOut} />
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
        <LazyMenu
          load={loadPagesMenu}
          button={{
            label: `Pages; this is ${here?.name ?? "none of them"}`,
            triggerClass: buttonClass("quiet", "px-2 text-ink"),
            trigger: (
              <>
                {here?.name ?? "Pages"}
                <ChevronDown className="size-4 text-muted" aria-hidden />
              </>
            ),
          }}
          menu={(button) => <PagesMenu here={here} {...button} />}
        />
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

function Account({ me, ...does }: { me: Me; onShowKeys: () => void; onSignOut: () => void }) {
  const name = me.user?.name || me.user?.username || "";
  return (
    <LazyMenu
      load={loadAccountMenu}
      button={{
        label: `Account of ${name}`,
        triggerClass: "grid size-9 shrink-0 place-items-center rounded-full hover:bg-raised pointer-coarse:size-11",
        trigger: (
          <span aria-hidden className="grid size-7 place-items-center rounded-full bg-raised text-xs font-medium text-ink">
            {initialsOf(name)}
          </span>
        ),
      }}
      menu={(button) => <AccountMenu me={me} {...does} {...button} />}
    />
  );
}

/** How the button of a menu is called and looks, before and after the menu is loaded. */
export interface MenuButton {
  label: string;
  trigger: ReactNode;
  triggerClass: string;
}

interface LazyMenuProps {
  load: () => Promise<unknown>;
  button: MenuButton;
  menu: (button: MenuButton) => ReactNode;
}

/** The button alone, until somebody wants the menu: most visits never open it. */
function LazyMenu({ load, button, menu }: LazyMenuProps) {
  const [isWanted, setWanted] = useState(false);
  // If it fails, the click loads it again and says so.
  const prepare = () => void load().catch(() => undefined);
  const alone = (
    <button
      type="button"
      aria-label={button.label}
      aria-haspopup="menu"
      aria-expanded={false}
      className={button.triggerClass}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    >
      {button.trigger}
    </button>
  );
  return isWanted ? <Suspense fallback={alone}>{menu(button)}</Suspense> : alone;
}
