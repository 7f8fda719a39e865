"use client";
import { TriangleAlert } from "lucide-react";
import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { errorDetails, isOfOldBuild } from "@/lib/error-details";

interface Props {
  /** What cannot be shown if it breaks: "The timeline". */
  what: string;
  /** A change of this shows it again: another run, another page. */
  resetKey?: string;
  children: ReactNode;
}

interface State {
  error: unknown;
  resetKey: string | undefined;
  componentStack: string;
}

const UNBROKEN = { error: null, componentStack: "" };

/** Keeps what breaks inside from taking the rest of the page with it, and says so. */
export class Boundary extends Component<Props, State> {
  override state: State = { ...UNBROKEN, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    // `throw null` would look like nothing.
    return { error: error ?? new Error("Something threw nothing.") };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { ...UNBROKEN, resetKey: props.resetKey };
  }

  override componentDidCatch(_: unknown, info: ErrorInfo): void {
    this.setState({ componentStack: info.componentStack ?? "" });
  }

  override render(): ReactNode {
    const { error, componentStack } = this.state;
    if (error === null) return this.props.children;
    return (
      <Broken what={this.props.what} error={error} componentStack={componentStack} onAgain={() => this.setState(UNBROKEN)} />
    );
  }
}

interface BrokenProps {
  what: string;
  error: unknown;
  componentStack?: string;
  onAgain: () => void;
}

export function Broken({ what, error, componentStack = "", onAgain }: BrokenProps) {
  const isOld = isOfOldBuild(error);
  return (
    <div role="alert" className="rounded-lg border border-line bg-surface px-4 py-4">
      <p className="flex items-center gap-2 font-medium">
        <TriangleAlert className="size-4 shrink-0 text-bad" aria-hidden />
        {isOld ? "SAHUR was updated since this page was opened" : `${what} cannot be shown`}
      </p>
      <p className="mt-1 text-muted">
        {isOld
          ? "Reload the page to go on with the new version. What you typed is kept."
          : "This is a fault of the page, not of what it shows: nothing is lost on the server. If a reload does not help, send the details to whoever looks after SAHUR."}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
        {!isOld && (
          <>
            <Button onClick={onAgain}>Try again</Button>
            <CopyButton text={() => errorDetails(error, componentStack)} label="Copy the details" isLabeled />
          </>
        )}
      </div>
    </div>
  );
}
