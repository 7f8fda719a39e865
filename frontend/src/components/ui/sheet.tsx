"use client";
import type { ComponentProps } from "react";
import { Dialog } from "./dialog";

/** A modal panel at the right edge, for what one reads beside the page. */
export function Sheet({ placement = "side", ...rest }: ComponentProps<typeof Dialog>) {
  return <Dialog placement={placement} {...rest} />;
}
