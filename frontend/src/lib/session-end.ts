/**
 * Whether the session of whoever uses this page may have ended: the server refused something, or closed a socket as signed
 * out. The page then asks who is signed in, and goes on once somebody is.
 */
let isInDoubt = false;
const doubtListeners = new Set<() => void>();
const renewListeners = new Set<() => void>();

export const isSessionInDoubt = (): boolean => isInDoubt;

/** Something was refused because nobody, or somebody else, is signed in. */
export function doubtSession(): void {
  if (isInDoubt) return;
  isInDoubt = true;
  for (const tell of doubtListeners) tell();
}

/** Somebody is signed in (again): what waited goes on. */
export function renewSession(): void {
  isInDoubt = false;
  for (const tell of doubtListeners) tell();
  for (const tell of [...renewListeners]) tell();
}

export function subscribeSessionDoubt(listener: () => void): () => void {
  doubtListeners.add(listener);
  return () => doubtListeners.delete(listener);
}

/** Calls back each time somebody has signed in after a doubt. */
export function onSessionRenewed(listener: () => void): () => void {
  renewListeners.add(listener);
  return () => renewListeners.delete(listener);
}
