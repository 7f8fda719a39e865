"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { ComponentProps } from "react";

/**
 * A link of the frame. Its page is fetched when the pointer or the focus comes near, not at once: every page would else
 * carry the scripts of all others.
 */
export function NavLink({ href, ...rest }: Omit<ComponentProps<typeof Link>, "href"> & { href: string }) {
  const router = useRouter();
  const prepare = () => router.prefetch(href);
  return <Link href={href} prefetch={false} onPointerEnter={prepare} onFocus={prepare} {...rest} />;
}
