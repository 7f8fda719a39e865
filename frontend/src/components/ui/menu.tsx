"use client";
import { Check } from "lucide-react";
import Link from "next/link";
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { buttonClass } from "./button";

interface MenuProps {
  /** What the menu is of: name of the button and of the list. */
  label: string;
  /** What the button shows. */
  trigger: ReactNode;
  triggerClass?: string;
  align?: "start" | "end";
  /** For a menu that was loaded because somebody asked for it. */
  isOpenAtOnce?: boolean;
  children: ReactNode;
}

const ITEMS = "[role^=menuitem]:not([aria-disabled=true])";
const GAP_PX = 4;

/** A button with a list of commands, in the browser's top layer: nothing cuts it off; Escape and a click beside it close it. */
export function Menu(props: MenuProps) {
  const { label, trigger, triggerClass = buttonClass("quiet", "px-2"), align = "end", isOpenAtOnce = false, children } = props;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = (at: 0 | -1) => {
    if (!button.current || !list.current) return;
    // What has focus now gets it back from the browser when the list closes.
    button.current.focus();
    list.current.showPopover();
    place(list.current, button.current, align);
    itemsOf(list.current).at(at)?.focus();
  };
  const openAtOnce = useEffectEvent(() => open(0));
  useEffect(() => {
    if (isOpenAtOnce) openAtOnce();
  }, [isOpenAtOnce]);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        className={triggerClass}
        onClick={() => (isOpen ? list.current?.hidePopover() : open(0))}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          open(event.key === "ArrowDown" ? 0 : -1);
        }}
      >
        {trigger}
      </button>
      <MenuList ref={list} id={id} label={label} onOpen={setOpen}>
        {children}
      </MenuList>
    </>
  );
}

interface ListProps extends Pick<MenuProps, "label" | "children"> {
  ref: RefObject<HTMLDivElement | null>;
  id: string;
  onOpen: (isOpen: boolean) => void;
}

function MenuList({ ref, id, label, onOpen, children }: ListProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Tab") ref.current?.hidePopover();
    const next = nextItem(itemsOf(event.currentTarget), event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div
      ref={ref}
      id={id}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      popover="auto"
      onToggle={(event) => onOpen(event.newState === "open")}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if ((event.target as Element).closest(ITEMS)) ref.current?.hidePopover();
      }}
      className="fixed m-0 max-h-[80dvh] min-w-52 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-lg border border-line bg-surface p-1 text-ink shadow-lg"
    >
      {children}
    </div>
  );
}

const itemsOf = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(ITEMS)];

/** Under the button, or above it where there is no room, and never beyond the window's edge. */
function place(list: HTMLElement, button: HTMLElement, align: "start" | "end"): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const wanted = align === "start" ? at.left : at.right - width;
  const isBelow = at.bottom + GAP_PX + height <= window.innerHeight || at.top < height;
  list.style.left = `${Math.max(8, Math.min(wanted, window.innerWidth - width - 8))}px`;
  list.style.top = `${isBelow ? at.bottom + GAP_PX : at.top - GAP_PX - height}px`;
}

function nextItem(items: readonly HTMLElement[], key: string): HTMLElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLElement);
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items.at(at <= 0 ? -1 : at - 1);
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (!/^\S$/.test(key)) return undefined;
  const later = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return later.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}

const ITEM =
  "flex w-full min-h-8 pointer-coarse:min-h-11 items-center gap-2 rounded-md px-2.5 text-left text-[0.8125rem] hover:bg-raised focus-visible:bg-raised focus-visible:-outline-offset-2 aria-disabled:opacity-55";

interface ItemProps {
  children: ReactNode;
  /** A page to go to; else a command. */
  href?: string;
  /** Whether one is on that page. */
  isCurrent?: boolean;
  onSelect?: () => void;
  /** One of several, of which this is or is not the chosen one. */
  isChosen?: boolean;
  isDanger?: boolean;
  /** Why it cannot be done now: shown, and the item does nothing. */
  refusal?: string;
}

export function MenuItem({ children, href, isCurrent, onSelect, isChosen, isDanger = false, refusal = "" }: ItemProps) {
  const className = `${ITEM} ${isDanger ? "text-bad" : ""}`;
  if (href) {
    return (
      <Link
        href={href}
        prefetch={false}
        role="menuitem"
        aria-current={isCurrent ? "page" : undefined}
        tabIndex={-1}
        className={className}
      >
        {children}
        {isCurrent && <Check className="ml-auto size-4 shrink-0 text-accent" aria-hidden />}
      </Link>
    );
  }
  const choice = isChosen === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": isChosen };
  return (
    <button
      type="button"
      {...choice}
      tabIndex={-1}
      aria-disabled={refusal !== "" || undefined}
      onClick={refusal ? undefined : onSelect}
      className={className}
    >
      {children}
      {refusal && <span className="ml-auto text-xs text-muted">{refusal}</span>}
      {isChosen && <Check className="ml-auto size-4 shrink-0 text-accent" aria-hidden />}
    </button>
  );
}

/** Items that belong together, under a small heading if they have one. */
export function MenuGroup({ label, children }: { label?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, this is a part of a menu
    <div role="group" aria-labelledby={label ? id : undefined} className="border-t border-line py-1 first:border-t-0">
      {label && (
        <div id={id} className="px-2.5 py-1 text-xs text-muted">
          {label}
        </div>
      )}
      {children}
    </div>
  );
}
