import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

/** Modules of the framework are in chunks of its own. */
const FRAMEWORK =
  /[\\/](react|react-dom|scheduler)[\\/]|next[\\/]dist[\\/](client[\\/](?!app-dir|use-merged)|compiled|build|lib)/;

/** Used by at least this many entries (pages, layouts): then it is one chunk for all, compressed together and held once. */
const SHARED_FROM = 10;

interface Bundling {
  optimization: { splitChunks: { cacheGroups: Record<string, unknown> } };
}

/** By itself the bundler repeats small modules in the chunks of many pages. */
function shareChunk(config: Bundling, { isServer, dev }: { isServer: boolean; dev: boolean }): Bundling {
  if (isServer || dev) return config;
  config.optimization.splitChunks.cacheGroups.shared = {
    name: "shared",
    chunks: "initial",
    minChunks: SHARED_FROM,
    priority: 35,
    enforce: true,
    test: (module: { nameForCondition?: () => string | null }) => !FRAMEWORK.test(module.nameForCondition?.() ?? ""),
  };
  return config;
}

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
  if (!isDevelopment) return { ...common, output: "export", webpack: shareChunk };
  return {
    ...common,
    skipTrailingSlashRedirect: true,
    rewrites: async () => [
      { source: "/api/:path*/", destination: `${server}/api/:path*/` },
      { source: "/ws/:path*/", destination: `${server}/ws/:path*/` },
    ],
  };
}
