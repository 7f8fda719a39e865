import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

/**
 * The build is a static export that Django serves: no Node at run time. `next dev` proxies REST and sockets to a
 * running server instead (SAHUR_URL), so that both share one origin there too.
 */
export default function config(phase: string): NextConfig {
  const isDevelopment = phase === PHASE_DEVELOPMENT_SERVER;
  const server = process.env.SAHUR_URL ?? "http://127.0.0.1:8000";
  const common: NextConfig = {
    trailingSlash: true,
    reactStrictMode: true,
    poweredByHeader: false,
    images: { unoptimized: true },
  };
  if (!isDevelopment) return { ...common, output: "export" };
  return {
    ...common,
    skipTrailingSlashRedirect: true,
    rewrites: async () => [
      { source: "/api/:path*/", destination: `${server}/api/:path*/` },
      { source: "/ws/:path*/", destination: `${server}/ws/:path*/` },
    ],
  };
}
