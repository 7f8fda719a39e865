"use client";
import { Children, memo, type ReactNode, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { evidenceAnchor, linkCitations } from "@/lib/citations";
import { splitBlocks } from "@/lib/markdown-blocks";
import { Citation } from "./citation";

const PLUGINS = [remarkGfm];
const CITATION = new RegExp(`^#${evidenceAnchor(0).slice(0, -1)}(\\d+)$`);

/** The host that an address leads to; "" for one that leads to none, such as `mailto:` or a path. */
function hostOf(href: string | undefined): string {
  if (!href || !/^https?:\/\//i.test(href)) return "";
  try {
    return new URL(href).host;
  } catch {
    return "";
  }
}

/** Whether the text of a link is an address at this host, as it is read: a host somewhere behind another tells nothing. */
function tells(text: string, host: string): boolean {
  return (
    /^(https?:\/\/)?[^/?#\\\s]+/i
      .exec(text)?.[0]
      .replace(/^https?:\/\//i, "")
      .toLowerCase() === host
  );
}

function textOf(children: ReactNode): string {
  return Children.toArray(children)
    .map((child) => (typeof child === "string" ? child : ""))
    .join("");
}

/** Raw HTML is dropped by react-markdown; images become text, so that what a model writes can fetch nothing; a link says where it leads. */
const COMPONENTS: Components = {
  a: ({ href, children }) => {
    const cited = CITATION.exec(href ?? "")?.[1];
    if (cited) return <Citation number={Number(cited)} />;
    if (href?.startsWith("#")) return <a href={href}>{children}</a>;
    const host = hostOf(href);
    if (!host) return <span>{children}</span>;
    return (
      <>
        <a href={href} target="_blank" rel="noreferrer noopener">
          {children}
        </a>
        {!tells(textOf(children), host) && <span className="text-muted"> ({host})</span>}
      </>
    );
  },
  img: ({ alt }) => <span className="text-muted italic">[image: {alt || "no description"}]</span>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
});

interface Props {
  text: string;
  /** Evidence that `[n]` may lead to. */
  known?: ReadonlySet<number>;
  isStreaming?: boolean;
}

const NOTHING: ReadonlySet<number> = new Set();

export const Markdown = memo(function Markdown({ text, known = NOTHING, isStreaming = false }: Props) {
  const linked = useMemo(() => linkCitations(text, known), [text, known]);
  const blocks = isStreaming ? splitBlocks(linked) : [linked];
  return (
    <div className="markdown min-w-0 break-words">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever appended
        <Block key={index} text={block} />
      ))}
    </div>
  );
});
