import { NewIssue } from "@/components/issues/new-issue";

export default function NewIssuePage() {
  return <NewIssue />;
}
