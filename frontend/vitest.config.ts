import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * What is shown needs a page. Pure logic does not, and making one takes longer than such a test; the few files that do
 * need the browser's storage or sockets say so in their first line: `// @vitest-environment happy-dom`.
 */
const WITH_A_PAGE = ["tests/{components,hooks}/**/*.test.{ts,tsx}"];

/** These replace whole modules, so they cannot share loaded ones with other files. */
const REPLACING = readdirSync(fileURLToPath(new URL("tests", import.meta.url)), { recursive: true, encoding: "utf8" })
  .filter((path) => /\.test\.tsx?$/.test(path))
  .map((path) => join("tests", path))
  .filter((path) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8").includes("vi.mock("));

const PAGE = { environment: "happy-dom", setupFiles: ["tests/setup.ts", "tests/setup-pages.ts"] };

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Of a machine that has much else to do: nothing here waits for time, only for work.
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "logic",
          environment: "node",
          include: ["tests/**/*.test.{ts,tsx}"],
          exclude: WITH_A_PAGE,
          setupFiles: ["tests/setup.ts"],
        },
      },
      // One page and one set of loaded modules for many files: each test leaves them as it found them (tests/setup*.ts).
      { extends: true, test: { ...PAGE, name: "pages", include: WITH_A_PAGE, exclude: REPLACING, isolate: false } },
      { extends: true, test: { ...PAGE, name: "pages with replaced modules", include: REPLACING } },
    ],
  },
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  esbuild: { jsx: "automatic" },
});
