import { afterEach, beforeEach, vi } from "vitest";
import { keepFor } from "@/lib/keeping";

beforeEach(() => {
  // Drafts and messages are somebody's.
  if (typeof document !== "undefined") keepFor("rita");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  // Only where there is a page.
  if (typeof document === "undefined") return;
  sessionStorage.clear();
  localStorage.clear();
});
