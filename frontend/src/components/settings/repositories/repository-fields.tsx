"use client";
import { TextField } from "@/components/ui/text-field";

interface Props {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

/** What a repository is asked for when it is added, and may be changed in later. */
export function BranchField(props: Props) {
  return (
    <TextField
      id="default_branch"
      label="Branch"
      isOptional
      hint="Without one, what the remote says."
      isCode
      maxLength={200}
      {...props}
    />
  );
}

export function TestCommandField(props: Props) {
  return (
    <TextField
      id="test_command"
      label="Test command"
      isOptional
      hint="Runs in the sandbox on a copy with a proposed patch, if this installation has one. Empty: patches are not tested."
      isCode
      placeholder="pytest -q"
      maxLength={500}
      {...props}
    />
  );
}
