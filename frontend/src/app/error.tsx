"use client";
import { Broken } from "@/components/shell/boundary";

/** For what breaks outside the frame, as while signing in; inside it, pages have boundaries of their own. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main id="main" className="mx-auto max-w-xl px-4 py-24">
      <h1 className="sr-only">SAHUR</h1>
      <Broken what="This page" error={error} onAgain={reset} />
    </main>
  );
}
