/**
 * Cuts Markdown at blank lines outside of fences and lists. While text streams in, every block but the last is final,
 * so only the tail has to be parsed again with each frame.
 */
export function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let current: string[] = [];
  let fence = "";
  let isInList = false;
  for (const line of markdown.split("\n")) {
    fence = nextFence(line, fence);
    if (!fence && line.trim() === "" && current.length && !isInList) {
      blocks.push(current.join("\n"));
      current = [];
    } else {
      current.push(line);
    }
    isInList = /^\s*([-*+]|\d+[.)])\s/.test(line) || (isInList && /^(\s{2,}\S|\s*$)/.test(line));
  }
  if (current.length) blocks.push(current.join("\n"));
  return blocks;
}

/** The fence that is open after this line; "" outside of code. */
function nextFence(line: string, open: string): string {
  const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
  if (!mark) return open;
  if (!open) return mark;
  return mark[0] === open[0] && mark.length >= open.length ? "" : open;
}
