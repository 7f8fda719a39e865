"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { notify } from "@/lib/notices";
import { isReachable, seemsReachable } from "@/lib/reach";

/** The page of this site that a click leads to, if it leads from this one and in this tab. */
function leadsTo(event: MouseEvent): string | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return null;
  return link.pathname === location.pathname ? null : link.pathname + link.search + link.hash;
}

type Router = ReturnType<typeof useRouter>;

/** To another page, unless the server is away. */
export async function goTo(router: Router, address: string): Promise<void> {
  if (seemsReachable() || (await isReachable())) router.push(address);
  else notify("SAHUR cannot be reached just now, so this page stays. Try again when it is back.", "bad");
}

/**
 * While the server is away, a link would take the whole page away with all that stands on it: the browser's own page of
 * errors takes its place. So the server is asked first, and who cannot be led on stays and hears why.
 */
export function useStayWhileAway(): void {
  const router = useRouter();
  useEffect(() => {
    const stay = (event: MouseEvent) => {
      const address = seemsReachable() ? null : leadsTo(event);
      if (!address) return;
      event.preventDefault();
      event.stopPropagation();
      void goTo(router, address);
    };
    document.addEventListener("click", stay, true);
    return () => document.removeEventListener("click", stay, true);
  }, [router]);
}
