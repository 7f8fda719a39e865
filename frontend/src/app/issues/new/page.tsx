import { NewIssue } from "@/components/new-issue";

export default function NewIssuePage() {
  return <NewIssue />;
}
