"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { notify } from "@/lib/notices";
import { Button } from "./button";

const SHOWN_MS = 2_000;

interface Props {
  /** What goes to the clipboard; a function where it takes work to write. */
  text: string | (() => string);
  /** What is copied: "Copy the patch". */
  label: string;
  /** Shows the label beside the icon. */
  isLabeled?: boolean;
  className?: string;
}

export function CopyButton({ text, label, isLabeled = false, className = "" }: Props) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setCopied(true);
      notify("Copied");
    } catch {
      // No permission, or a page without TLS, which has no clipboard at all.
      notify("The browser did not let the page copy. Select the text and copy it yourself.", "bad");
    }
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <Button
      variant="quiet"
      className={`${isLabeled ? "" : "px-2"} ${className}`}
      onClick={() => void copy()}
      aria-label={isLabeled ? undefined : label}
      title={isLabeled ? undefined : label}
    >
      <Icon className="size-4" aria-hidden />
      {isLabeled && label}
    </Button>
  );
}
