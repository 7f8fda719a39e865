import { browserChoice, chooseForBrowser } from "./keeping";

/** Light, dark, or what the system says. The choice is kept in this browser only. */
export type Theme = "system" | "light" | "dark";

const CHOICE = "theme";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Runs in the page's head, so it can import nothing. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem("sahur.${CHOICE}"),m=matchMedia("(prefers-color-scheme: dark)"),f=function(){var c=localStorage.getItem("sahur.${CHOICE}");document.documentElement.dataset.theme=c==="light"||c==="dark"?c:m.matches?"dark":"light"};f();m.addEventListener("change",f)}catch(e){document.documentElement.dataset.theme="light"}`;

export function readTheme(): Theme {
  const stored = browserChoice(CHOICE);
  return stored === "light" || stored === "dark" ? stored : "system";
}

const watchers = new Set<() => void>();

/** Calls back when the choice is changed in this window. Gives back how to stop that. */
export function watchTheme(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function chooseTheme(theme: Theme): void {
  chooseForBrowser(CHOICE, theme === "system" ? "" : theme);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  for (const tell of watchers) tell();
}

/** From what is shown now to the other one. */
export const switchTheme = (): void => chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
