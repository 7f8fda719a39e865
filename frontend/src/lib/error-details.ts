/** What is copied about a part of a page that broke, for whoever is to mend it. */

export function errorDetails(error: unknown, componentStack = ""): string {
  const told = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  const where = `${location.pathname}${location.search}`;
  return [`${new Date().toISOString()} ${where}`, navigator.userAgent, told, componentStack.trim()].filter(Boolean).join("\n\n");
}

/** Whether a script of this page could not be loaded: after an update the files of the old build are gone. */
export function isOfOldBuild(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "ChunkLoadError" || /(loading (css )?chunk|dynamically imported module)/i.test(error.message);
}
