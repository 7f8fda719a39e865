/** What is there before the page's script has run; also the exported HTML of pages that read the address. */
export function PageFallback() {
  return (
    <main id="main" aria-busy="true" className="mx-auto max-w-6xl px-4 py-16 text-muted">
      <h1 className="sr-only">SAHUR</h1>
      <p>Loading…</p>
    </main>
  );
}
