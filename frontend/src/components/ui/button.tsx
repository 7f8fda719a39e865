import { LoaderCircle } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode } from "react";

type Variant = "primary" | "plain" | "quiet" | "danger";

const STYLES: Record<Variant, string> = {
  primary: "border-transparent bg-accent text-on-accent hover:opacity-90",
  plain: "border-line-strong/60 bg-surface text-ink hover:bg-raised",
  quiet: "border-transparent text-muted hover:bg-raised hover:text-ink",
  danger: "border-bad/50 bg-surface text-bad hover:bg-bad-soft",
};

/** Shared with links that look like buttons. Fingers get 44 px, pointers a denser row. */
export function buttonClass(variant: Variant = "plain", extra = ""): string {
  const base =
    "inline-flex min-h-8 pointer-coarse:min-h-11 items-center justify-center gap-1.5 rounded-md border px-3 text-[0.8125rem] font-medium whitespace-nowrap transition-colors disabled:opacity-55";
  return `${base} ${STYLES[variant]} ${extra}`;
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: Variant;
  isBusy?: boolean;
  children: ReactNode;
}

export function Button({
  variant = "plain",
  isBusy = false,
  className = "",
  children,
  disabled,
  type = "button",
  ...rest
}: Props) {
  return (
    <button
      type={type}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      className={buttonClass(variant, className)}
      {...rest}
    >
      {isBusy && <LoaderCircle className="size-3.5 animate-spin" aria-hidden />}
      {children}
    </button>
  );
}
