/**
 * What each exported page makes a browser load as JavaScript before anything is clicked, compressed as the server sends
 * it (Brotli, highest quality). Run after `next build`; fails above the limits.
 *
 * Counted is every script that the page's HTML names, in a tag or in the data that Next.js starts it with; not the
 * `nomodule` one, which no current browser loads, and not what is imported on demand.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const KB = 1024;
const LIMITS = [
  // A whole investigation is followed, steered and read here.
  { page: /^issues\/_\//, bytes: 220 * KB },
  { page: /./, bytes: 150 * KB },
];

const out = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "out");

const htmlFiles = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Paths of the scripts below `out`, each once. Brackets of a route are written in either way. */
function scriptsOf(html) {
  const pathsIn = (text) =>
    [...text.matchAll(/static\/chunks\/[^"'\\\s]+?\.js/g)].map(([path]) => `_next/${decodeURIComponent(path)}`);
  const old = new Set((html.match(/<script[^>]*\bnomodule\b[^>]*>/gi) ?? []).flatMap(pathsIn));
  return [...new Set(pathsIn(html))].filter((path) => !old.has(path));
}

const sizes = new Map();
function sizeOf(path) {
  if (!sizes.has(path)) sizes.set(path, brotliCompressSync(readFileSync(join(out, path))).length);
  return sizes.get(path);
}

const pages = htmlFiles(out).map((file) => {
  const page = relative(out, file).replaceAll("\\", "/");
  const scripts = scriptsOf(readFileSync(file, "utf8"));
  const bytes = scripts.reduce((sum, path) => sum + sizeOf(path), 0);
  const limit = LIMITS.find((one) => one.page.test(page)).bytes;
  return { page, count: scripts.length, bytes, limit };
});
// An export without pages, or pages without scripts, would pass every limit.
if (pages.length === 0 || pages.some(({ count }) => count === 0)) {
  console.error(`No exported pages with scripts in ${out}: run \`npm run build\` first.`);
  process.exit(1);
}

const kb = (bytes) => (bytes / KB).toFixed(1).padStart(7);
console.log("JavaScript that a page loads at once (Brotli)\n     KB  limit  files  page");
for (const { page, count, bytes, limit } of pages) {
  const mark = bytes > limit ? "  TOO HEAVY" : "";
  console.log(`${kb(bytes)} ${String(limit / KB).padStart(6)} ${String(count).padStart(6)}  ${page}${mark}`);
}
if (pages.some(({ bytes, limit }) => bytes > limit)) {
  console.error(
    "\nLoad what a visit rarely needs with `lazy(() => import(…))`, and link to other pages without prefetching them.",
  );
  process.exit(1);
}
