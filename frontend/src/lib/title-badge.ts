/** A mark in front of the tab's title that something happened, until somebody looks. */
const MARK = "● ";

let remove: (() => void) | null = null;

/** Marks the title until the page is looked at. Gives back how to take it away earlier. */
export function badgeTitle(): () => void {
  remove ??= mark();
  return () => remove?.();
}

function mark(): () => void {
  const put = () => {
    // Whoever sets the title anew does not know of the mark.
    if (!document.title.startsWith(MARK)) document.title = MARK + document.title;
  };
  put();
  const observer = new MutationObserver(put);
  observer.observe(document.head, { subtree: true, childList: true, characterData: true });
  const onLook = () => {
    if (document.visibilityState === "visible") take();
  };
  const take = () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", onLook);
    if (document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
    remove = null;
  };
  document.addEventListener("visibilitychange", onLook);
  return take;
}
