import { cleanup } from "@testing-library/react";
import { afterAll, afterEach, vi } from "vitest";

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

// Files share their modules: a spy must not outlive its own.
afterAll(() => {
  vi.restoreAllMocks();
});
