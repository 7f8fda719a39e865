"use client";
import { useMutation } from "@tanstack/react-query";
import { LogOut, Plus } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { mayRespond, useSession } from "@/hooks/use-session";
import { signInAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import { BrandMark } from "./brand-mark";
import { PageFallback } from "./page-fallback";
import { ThemeSwitch } from "./theme-switch";

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

  if (session.error) {
    return (
      <main id="main" className="mx-auto max-w-xl px-4 py-24">
        <h1 className="mb-3 text-lg font-semibold">SAHUR</h1>
        <ProblemNote error={session.error} onRetry={session.retry} />
      </main>
    );
  }
  if (!session.me || mustSignIn) return <PageFallback />;
  return (
    <>
      <TopBar me={session.me} onSignedOut={session.replace} />
      {children(session.me)}
    </>
  );
}

function TopBar({ me, onSignedOut }: { me: Me; onSignedOut: (me: Me) => void }) {
  const signOut = useMutation({ mutationFn: api.logout, onSuccess: onSignedOut });
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface/95 backdrop-blur-sm">
      <div className="mx-auto flex h-12 max-w-6xl pointer-coarse:h-14 items-center gap-1 px-4 sm:gap-2">
        <Link href="/" className="mr-2 flex items-center gap-2 font-semibold tracking-[0.08em]">
          <BrandMark className="size-6" />
          SAHUR
        </Link>
        <nav aria-label="Pages" className="flex flex-1 items-center">
          <span className="hidden sm:block">
            <Link href="/" className={buttonClass("quiet")}>
              Issues
            </Link>
          </span>
        </nav>
        {mayRespond(me) && (
          <Link href="/issues/new/" className={buttonClass("plain")}>
            <Plus className="size-4" aria-hidden />
            New issue
          </Link>
        )}
        <ThemeSwitch />
        <span className="hidden max-w-40 truncate px-1 text-xs text-muted md:block">{me.user?.name || me.user?.username}</span>
        <Button
          variant="quiet"
          className="px-2"
          isBusy={signOut.isPending}
          onClick={() => signOut.mutate()}
          aria-label="Sign out"
          title="Sign out"
        >
          <LogOut className="size-4" aria-hidden />
        </Button>
      </div>
      {signOut.error && (
        <div className="mx-auto max-w-6xl px-4 pb-2">
          <ProblemNote error={signOut.error} />
        </div>
      )}
    </header>
  );
}
