import type { Metadata } from "next";
import { NewIssue } from "@/components/issues/new-issue";

export const metadata: Metadata = { title: "New issue" };

export default function NewIssuePage() {
  return <NewIssue />;
}
