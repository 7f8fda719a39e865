/** Light, dark, or what the system says. The choice is kept in this browser only. */
export type Theme = "system" | "light" | "dark";

const STORAGE_KEY = "sahur.theme";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Runs in the page's head, so it can import nothing. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem("${STORAGE_KEY}"),m=matchMedia("(prefers-color-scheme: dark)"),f=function(){var c=localStorage.getItem("${STORAGE_KEY}");document.documentElement.dataset.theme=c==="light"||c==="dark"?c:m.matches?"dark":"light"};f();m.addEventListener("change",f)}catch(e){document.documentElement.dataset.theme="light"}`;

export function readTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

const watchers = new Set<() => void>();

/** Calls back when the choice is changed in this window. Gives back how to stop that. */
export function watchTheme(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, theme);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  for (const tell of watchers) tell();
}

/** From what is shown now to the other one. */
export const switchTheme = (): void => chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
