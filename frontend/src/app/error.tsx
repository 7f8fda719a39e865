"use client";

/** For what breaks outside the frame, as while signing in; inside it, pages have a boundary that tells more. Light: all carry it. */
export default function PageError({ reset }: { reset: () => void }) {
  return (
    <main id="main" className="mx-auto max-w-xl px-4 py-24">
      <h1 className="text-lg font-semibold">This page cannot be shown</h1>
      <p className="mt-1 mb-4 text-muted">
        What you typed is kept. Reload the page; after an update of SAHUR that is all it takes.
      </p>
      <button type="button" onClick={() => location.reload()} className="mr-4 min-h-11 text-accent underline underline-offset-2">
        Reload the page
      </button>
      <button type="button" onClick={reset} className="min-h-11 text-accent underline underline-offset-2">
        Try again
      </button>
    </main>
  );
}
