import type { Metadata } from "next";
import { NewIssuePage } from "@/components/issues/new-issue/new-issue-page";

export const metadata: Metadata = { title: "New issue" };

export default function NewIssueRoute() {
  return <NewIssuePage />;
}
