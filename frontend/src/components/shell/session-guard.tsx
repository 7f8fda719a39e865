"use client";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import { useSession } from "@/hooks/use-session";
import { api } from "@/lib/api";
import { onSignedOut } from "@/lib/api/client";
import type { Me } from "@/lib/api-types";
import { onSessionElsewhere } from "@/lib/keeping";
import { doubtSession, isSessionInDoubt, renewSession, subscribeSessionDoubt } from "@/lib/session-end";

const SignInAgain = lazy(() => import("./sign-in-again").then((module) => ({ default: module.SignInAgain })));

/** Where the server cannot say, or has just said, who is signed in, it is not asked again sooner than this. */
const PAUSE_MS = 3_000;

/**
 * Watches over the session of an open page. Where it ends, the person signs in again without leaving: nothing that was
 * shown or typed is lost, and what was to be sent goes out then. What is done in another tab is followed at once.
 */
export function SessionGuard({ me }: { me: Me }) {
  const client = useQueryClient();
  const { adopt, replace } = useSession();
  const isInDoubt = useSyncExternalStore(subscribeSessionDoubt, isSessionInDoubt, () => false);
  const [hasEnded, setEnded] = useState(false);
  /** Counts who has signed in elsewhere: an answer from before says nothing any more. */
  const [elsewhere, setElsewhere] = useState(0);
  const goOn = () => {
    setEnded(false);
    renewSession();
    // What failed meanwhile is asked for again.
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
  };
  useEffect(() => onSignedOut(doubtSession), []);
  const follow = useEffectEvent((username: string) => {
    if (username === "") {
      adopt({ ...me, user: null, teams: [] });
      return;
    }
    doubtSession();
    setElsewhere((count) => count + 1);
  });
  useEffect(() => onSessionElsewhere(follow), []);
  useQuestion(isInDoubt, elsewhere, { onSomebody: adopt, onReady: goOn, onNobody: () => setEnded(true) });
  if (!hasEnded || !me.user) return null;
  return (
    <Suspense>
      <SignInAgain
        username={me.user.username}
        onDone={(signedIn) => {
          replace(signedIn);
          goOn();
        }}
        onClose={() => setEnded(false)}
      />
    </Suspense>
  );
}

interface Answers {
  /** At once: the token that came along is theirs, and what others typed must not go out with it. */
  onSomebody: (me: Me) => void;
  /** A little later, when what was to be sent may go out. */
  onReady: () => void;
  onNobody: () => void;
}

/** Asks the server who is signed in while that is in doubt, and again for each one who signs in elsewhere. */
function useQuestion(isInDoubt: boolean, elsewhere: number, { onSomebody, onReady, onNobody }: Answers): void {
  const somebody = useEffectEvent(onSomebody);
  const ready = useEffectEvent(onReady);
  const nobody = useEffectEvent(onNobody);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is asked again for each one who signs in
  useEffect(() => {
    if (!isInDoubt) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const ask = async () => {
      try {
        const told = await api.me();
        if (isGone) return;
        if (told.user) {
          somebody(told);
          timer = setTimeout(ready, sinceLast());
        } else nobody();
      } catch {
        // Not reached: whatever is shown elsewhere says so, and the question stays.
        if (!isGone) timer = setTimeout(() => void ask(), PAUSE_MS);
      }
    };
    void ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [isInDoubt, elsewhere]);
}

let lastRenewal = Number.NEGATIVE_INFINITY;

/** A socket that is refused although somebody is signed in must not make the page ask without end. */
function sinceLast(): number {
  const wait = Math.max(0, lastRenewal + PAUSE_MS - Date.now());
  lastRenewal = Date.now() + wait;
  return wait;
}
