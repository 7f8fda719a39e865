/** Short news for whoever looks at the page: what has just been done, or could not be. One list for the window. */

export interface Notice {
  id: number;
  text: string;
  /** Bad news stays until it is dismissed. */
  tone: "plain" | "bad";
}

let notices: readonly Notice[] = [];
let lastId = 0;
/** Where they can be shown; the last one shows them. */
let places: readonly string[] = [];
const listeners = new Set<() => void>();

function tellAll(): void {
  for (const tell of listeners) tell();
}

function replace(next: readonly Notice[]): void {
  notices = next;
  tellAll();
}

/** More than these would cover the page: the oldest goes. */
const MOST = 3;

export function notify(text: string, tone: Notice["tone"] = "plain"): void {
  lastId += 1;
  replace([...notices.filter((notice) => notice.text !== text), { id: lastId, text, tone }].slice(-MOST));
}

export const dismiss = (id: number): void => replace(notices.filter((notice) => notice.id !== id));

export const currentNotices = (): readonly Notice[] => notices;

export const currentPlace = (): string => places.at(-1) ?? "";

/** From now on notices are shown there. Gives back how to leave it. */
export function enterPlace(place: string): () => void {
  places = [...places, place];
  tellAll();
  return () => {
    places = places.filter((one) => one !== place);
    tellAll();
  };
}

export function subscribeNotices(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
