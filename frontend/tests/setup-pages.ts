import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, vi } from "vitest";

// Parts of pages are loaded when they are wanted; on a busy machine that takes longer than the second that is the default.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

// Files share their modules: a spy must not outlive its own.
afterAll(() => {
  vi.restoreAllMocks();
});
