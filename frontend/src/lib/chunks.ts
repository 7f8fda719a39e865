/** Long lists in parts. */

/** How many issues the server marks or closes with one request. */
export const MOST_ISSUES_AT_ONCE = 100;

/** Lists of so many each; the last one has the rest. */
export function inChunks<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < all.length; start += size) chunks.push(all.slice(start, start + size));
  return chunks;
}
