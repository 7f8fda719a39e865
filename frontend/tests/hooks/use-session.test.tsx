import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { useSession } from "@/hooks/use-session";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";

const rita = { user: { username: "rita" }, teams: [], csrf_token: "t" } as unknown as Me;
const nobody = { user: null, teams: [], csrf_token: "t" } as unknown as Me;

async function signedIn() {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useSession(), { wrapper });
  await waitFor(() => expect(result.current.me?.user?.username).toBe("rita"));
  return { client, result };
}

beforeEach(() => {
  vi.spyOn(api, "me").mockResolvedValue(rita);
  sessionStorage.clear();
});

it("tells who shows the session that it has ended", async () => {
  const { result } = await signedIn();
  act(() => result.current.replace(nobody));
  await waitFor(() => expect(result.current.me?.user).toBeNull());
});

it("leaves nothing of the person who signs out, and keeps what is no draft", async () => {
  const { client, result } = await signedIn();
  client.setQueryData(["issues"], ["secret"]);
  sessionStorage.setItem("sahur.draft.new-issue", "half a report");
  sessionStorage.setItem("sahur.outbox.r1", "[]");
  sessionStorage.setItem("other", "kept");
  act(() => result.current.replace(nobody));
  expect(client.getQueryData(["issues"])).toBeUndefined();
  expect(Object.keys(sessionStorage)).toEqual(["other"]);
});
