"use client";
import { useMutation } from "@tanstack/react-query";
import { usePathname, useRouter } from "next/navigation";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { ProblemNote } from "@/components/ui/problem-note";
import { useCommands } from "@/hooks/use-commands";
import { mayRespond, useSession } from "@/hooks/use-session";
import { goTo, useStayWhileAway } from "@/hooks/use-stay-while-away";
import { signInAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import { NEW_ISSUE, SECTIONS } from "@/lib/navigation";
import { notify } from "@/lib/notices";
import { problemOf } from "@/lib/problem";
import { switchTheme } from "@/lib/theme";
import { Boundary } from "./boundary";
import { PageFallback } from "./page-fallback";
import { SessionGuard } from "./session-guard";
import { TopBar } from "./top-bar";

const CommandPalette = lazy(() => import("./command-palette").then((module) => ({ default: module.CommandPalette })));
const KeysSheet = lazy(() => import("./keys-sheet").then((module) => ({ default: module.KeysSheet })));

/** The frame of every page that needs a signed-in person; the others are sent to the sign-in page and come back. */
export function AppShell({ children }: { children: (me: Me) => ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const pathname = usePathname();
  const user = session.me?.user;
  const mustSignIn = session.me !== undefined && (!user || user.must_change_password);
  useEffect(() => {
    if (mustSignIn) router.replace(signInAddress(`${pathname}${location.search}`));
  }, [mustSignIn, pathname, router]);

  if (session.error && !session.me) {
    return (
      <main id="main" className="mx-auto max-w-xl px-4 py-24">
        <h1 className="mb-3 text-lg font-semibold">SAHUR</h1>
        <ProblemNote error={session.error} onRetry={session.retry} />
      </main>
    );
  }
  if (!session.me || mustSignIn) return <PageFallback />;
  return (
    <Frame me={session.me} onSignedOut={session.replace}>
      <Boundary what="This page" resetKey={pathname}>
        {children(session.me)}
      </Boundary>
    </Frame>
  );
}

interface FrameProps {
  me: Me;
  onSignedOut: (me: Me) => void;
  children?: ReactNode;
}

/** The bar, the commands that every page has, and what they open. */
export function Frame({ me, onSignedOut, children }: FrameProps) {
  const router = useRouter();
  const [opened, setOpened] = useState<"palette" | "keys" | null>(null);
  const signOut = useMutation({
    mutationFn: api.logout,
    onSuccess: onSignedOut,
    onError: (error) => notify(`You are still signed in. ${problemOf(error)?.detail}`, "bad"),
  });
  useStayWhileAway();
  const find = () => setOpened("palette");
  const showKeys = () => setOpened("keys");
  const close = () => setOpened(null);
  useCommands({
    ...Object.fromEntries(SECTIONS.map(({ command, href }) => [command, () => void goTo(router, href)])),
    palette: find,
    keys: showKeys,
    search: () => focusSearch() || find(),
    "issue.new": mayRespond(me) && (() => router.push(NEW_ISSUE)),
    theme: switchTheme,
    "sign-out": () => signOut.mutate(),
  });
  return (
    <>
      <TopBar me={me} onFind={find} onShowKeys={showKeys} onSignOut={() => signOut.mutate()} />
      {children}
      <SessionGuard me={me} />
      <Suspense>
        {opened === "palette" && <CommandPalette me={me} onClose={close} />}
        {opened === "keys" && <KeysSheet onClose={close} />}
      </Suspense>
    </>
  );
}

/** Whether the page has a search field of its own. */
function focusSearch(): boolean {
  const field = [...document.querySelectorAll<HTMLInputElement>("main input[type=search]")].find((one) => one.checkVisibility());
  field?.focus();
  field?.select();
  return field !== undefined;
}
