import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionGuard } from "@/components/shell/session-guard";
import { useSession } from "@/hooks/use-session";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import { keep, keeper, kept } from "@/lib/keeping";
import { doubtSession, isSessionInDoubt, onSessionRenewed, renewSession } from "@/lib/session-end";

vi.mock("next/navigation", () => ({ usePathname: () => "/issues/SAH-1/" }));

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
  renewSession();
});

it("tells who shows the session that it has ended", async () => {
  const { result } = await signedIn();
  act(() => result.current.replace(nobody));
  await waitFor(() => expect(result.current.me?.user).toBeNull());
});

it("leaves nothing of the person who signs out, and keeps what is no draft", async () => {
  const { client, result } = await signedIn();
  client.setQueryData(["issues"], ["secret"]);
  keep("draft", "new-issue", "half a report");
  keep("outbox", "r1.c1", "{}");
  localStorage.setItem("other", "kept");
  act(() => result.current.replace(nobody));
  expect(client.getQueryData(["issues"])).toBeUndefined();
  expect(Object.keys(localStorage).sort()).toEqual(["other", "sahur.session"]);
});

it("keeps the page, and asks, where the session ends by itself", async () => {
  const { client, result } = await signedIn();
  client.setQueryData(["issues"], ["shown"]);
  keep("draft", "message.r1", "half a message");
  vi.spyOn(api, "me").mockResolvedValue(nobody);
  await act(async () => result.current.retry());
  await waitFor(() => expect(isSessionInDoubt()).toBe(true));
  expect(result.current.me?.user?.username).toBe("rita");
  expect(client.getQueryData(["issues"])).toEqual(["shown"]);
  expect(kept("draft", "message.r1")).toBe("half a message");
});

it("shows another person nothing of the first one's", async () => {
  const { client, result } = await signedIn();
  client.setQueryData(["issues"], ["secret"]);
  keep("draft", "message.r1", "half a message");
  act(() => result.current.replace({ ...rita, user: { username: "bo" } } as unknown as Me));
  expect(client.getQueryData(["issues"])).toBeUndefined();
  expect(kept("draft", "message.r1")).toBe("");
});

function Guarded() {
  const { me } = useSession();
  return me ? <SessionGuard me={me} /> : null;
}

describe("an open page", () => {
  // Loaded when it is needed; a busy machine takes longer for that than the tests wait.
  beforeAll(() => import("@/components/shell/sign-in-again"));

  function guarded() {
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    client.setQueryData(["me"], rita);
    const shown = () => (
      <QueryClientProvider client={client}>
        <Guarded />
      </QueryClientProvider>
    );
    return { client, ...render(shown()) };
  }

  it("asks to sign in again on top of what is shown, and goes on then", async () => {
    vi.spyOn(api, "me").mockResolvedValue(nobody);
    const login = vi.spyOn(api, "login").mockResolvedValue(rita);
    const renewed = vi.fn();
    const forget = onSessionRenewed(renewed);
    guarded();
    act(() => doubtSession());
    fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "secret" } });
    fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(renewed).toHaveBeenCalledOnce());
    expect(login).toHaveBeenCalledWith("rita", "secret");
    await waitFor(() => expect(screen.queryByLabelText("Password")).toBeNull());
    forget();
  });

  it("goes on by itself where another tab has signed in again", async () => {
    const renewed = vi.fn();
    const forget = onSessionRenewed(renewed);
    guarded();
    const told = { key: "sahur.session", newValue: JSON.stringify({ text: "rita", at: 1 }) };
    act(() => void dispatchEvent(new StorageEvent("storage", told)));
    await waitFor(() => expect(renewed).toHaveBeenCalledOnce(), { timeout: 5_000 });
    expect(screen.queryByLabelText("Password")).toBeNull();
    forget();
  });

  it("becomes the page of whoever signs in in another tab while it asks, at once", async () => {
    const me = vi.spyOn(api, "me").mockResolvedValue(nobody);
    guarded();
    keep("draft", "message.r1", "half a message");
    act(() => doubtSession());
    await screen.findByLabelText("Password");
    me.mockResolvedValue({ ...rita, user: { username: "al" } } as unknown as Me);
    const told = { key: "sahur.session", newValue: JSON.stringify({ text: "al", at: 1 }) };
    act(() => void dispatchEvent(new StorageEvent("storage", told)));
    await waitFor(() => expect(keeper()).toBe("al"));
    expect(kept("draft", "message.r1")).toBe("");
    await waitFor(() => expect(screen.queryByLabelText("Password")).toBeNull(), { timeout: 5_000 });
    act(() => renewSession());
  });

  it("follows another tab that signs out", async () => {
    const { client } = guarded();
    keep("draft", "message.r1", "half a message");
    const told = { key: "sahur.session", newValue: JSON.stringify({ text: "", at: 1 }) };
    act(() => void dispatchEvent(new StorageEvent("storage", told)));
    expect(client.getQueryData<Me>(["me"])?.user).toBeNull();
    expect(keeper()).toBe("");
  });
});
