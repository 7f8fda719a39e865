/**
 * For the image that serves the pages without Django: which inline scripts each exported page may run, as a map of nginx
 * from the file to their hashes. The same rule as sahur/api/content_security.py. Run after the build.
 *
 *   node scripts/write-policies.mjs [folder of the pages] > policies.conf
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const OUT = process.argv[2] ?? fileURLToPath(new URL("../out/", import.meta.url));
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

function hashesOf(html) {
  // Browsers hash what remains after the newlines of the file were normalized.
  const scripts = [...html.replaceAll("\r\n", "\n").matchAll(INLINE)].map((match) => match[1]).filter(Boolean);
  return [...new Set(scripts)].map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
}

const pages = readdirSync(OUT, { recursive: true }).filter((name) => name.endsWith(".html"));
if (pages.length === 0) throw new Error(`${OUT} holds no pages: run npm run build first.`);
const lines = pages.sort().map((name) => {
  const address = `/${name.split(sep).join("/")}`;
  return `  "${address}" "${hashesOf(readFileSync(join(OUT, name), "utf8")).join(" ")}";`;
});
console.log(`map $uri $inline_scripts {\n  default "";\n${lines.join("\n")}\n}`);
