import type { Metadata } from "next";
import { Lost } from "@/components/shell/lost";

// The template is for pages below this folder.
export const metadata: Metadata = { title: "No such page · SAHUR" };

export default function NotFound() {
  return <Lost />;
}
