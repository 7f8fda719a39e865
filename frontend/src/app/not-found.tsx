import Link from "next/link";

export default function NotFound() {
  return (
    <main id="main" className="mx-auto max-w-md px-4 py-24">
      <h1 className="text-xl font-semibold">There is no such page</h1>
      <p className="mt-2 text-muted">The address may be mistyped, or what was here is gone.</p>
      <Link href="/" className="mt-4 inline-block text-accent underline underline-offset-2">
        To the issues
      </Link>
    </main>
  );
}
