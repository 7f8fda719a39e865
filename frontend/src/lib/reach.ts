/** Whether the server answered when it was last heard of. Only for what can be put off: a request finds out for itself. */
let hasAnswered = true;

export function noteAnswer(answered: boolean): void {
  hasAnswered = answered;
}

export const seemsReachable = (): boolean => hasAnswered && navigator.onLine !== false;

/** Asks it anew. */
export async function isReachable(): Promise<boolean> {
  try {
    hasAnswered = (await fetch("/api/health/live/", { cache: "no-store" })).ok;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    hasAnswered = false;
  }
  return hasAnswered;
}
