"use client";
import Link from "next/link";
import { lazy, Suspense } from "react";
import { useSession } from "@/hooks/use-session";
import { BrandMark } from "./brand-mark";

// Every page carries this one, for when it turns out not to be there: the frame would weigh on all of them.
const Frame = lazy(() => import("./app-shell").then((module) => ({ default: module.Frame })));

/** An address without a page. It is told to everybody; who is signed in has the frame to go on from. */
export function Lost() {
  const { me, replace } = useSession();
  const isIn = me?.user && !me.user.must_change_password;
  return (
    <>
      <Suspense fallback={<Bar />}>{isIn ? <Frame me={me} onSignedOut={replace} /> : <Bar />}</Suspense>
      <main id="main" className="mx-auto max-w-md px-4 py-24">
        <h1 className="text-xl font-semibold tracking-tight">There is no such page</h1>
        <p className="mt-2 mb-5 text-muted">The address may be mistyped, or what was here is gone.</p>
        <Link href="/" prefetch={false} className="text-accent underline underline-offset-2">
          To the issues
        </Link>
      </main>
    </>
  );
}

/** As high as the bar of the frame, so that nothing moves when that comes. */
function Bar() {
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex h-12 max-w-6xl items-center px-4 pointer-coarse:h-14">
        <Link href="/" prefetch={false} className="flex items-center gap-2 font-semibold tracking-[0.08em]">
          <BrandMark className="size-6" />
          SAHUR
        </Link>
      </div>
    </header>
  );
}
