"use client";
import { Component, type ErrorInfo, lazy, type ReactNode, Suspense } from "react";

// Rarely seen. Where even this cannot be loaded, the page's own error page (src/app/error.tsx) takes over.
const Broken = lazy(() => import("./broken").then((module) => ({ default: module.Broken })));

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
      <Suspense>
        <Broken what={this.props.what} error={error} componentStack={componentStack} onAgain={() => this.setState(UNBROKEN)} />
      </Suspense>
    );
  }
}
