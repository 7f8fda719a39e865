"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useSession } from "@/hooks/use-session";
import { safeNext } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { BrandMark } from "./brand-mark";

/** Signing in; who came with a one-time password chooses a password of their own before anything else. */
export function SignIn() {
  const { me, replace, error, retry } = useSession();
  const router = useRouter();
  const next = safeNext(useSearchParams().get("next"));
  // Kept for the form that follows, so that the one-time password is typed once.
  const [oneTimePassword, setOneTimePassword] = useState("");
  const isReady = Boolean(me?.user && !me.user.must_change_password);
  useEffect(() => {
    if (isReady) router.replace(next);
  }, [isReady, next, router]);

  if (me?.user?.must_change_password) {
    return (
      <Frame title="Choose your password" lead={`You signed in as ${me.user.username} with a one-time password. Replace it now.`}>
        <PasswordForm username={me.user.username} oldPassword={oneTimePassword} onDone={replace} />
      </Frame>
    );
  }
  return (
    <Frame title="Sign in" lead="Report a problem, watch it investigated, read a solution.">
      {error && !me && <ProblemNote error={error} onRetry={retry} />}
      <SignInForm
        onDone={(signedIn, password) => {
          setOneTimePassword(password);
          replace(signedIn);
        }}
      />
    </Frame>
  );
}

function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <p className="mb-6 flex items-center gap-2.5 text-lg font-semibold tracking-[0.08em]">
          <BrandMark className="size-8" />
          SAHUR
        </p>
        <div className="rounded-lg border border-line bg-surface p-6">
          <h1 className="text-lg font-semibold">{title}</h1>
          <p className="mt-1 mb-5 text-muted">{lead}</p>
          {children}
        </div>
      </div>
    </main>
  );
}

function SignInForm({ onDone }: { onDone: (me: Me, password: string) => void }) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password"));
    setBusy(true);
    setError(null);
    try {
      onDone(await api.login(String(form.get("username")), password), password);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field id="username" label="User name">
        <input
          id="username"
          name="username"
          required
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          className={inputClass}
        />
      </Field>
      <Field id="password" label="Password">
        <input id="password" name="password" type="password" required autoComplete="current-password" className={inputClass} />
      </Field>
      <ProblemNote error={error} />
      <Button type="submit" variant="primary" isBusy={isBusy} className="w-full">
        Sign in
      </Button>
    </form>
  );
}

interface PasswordFormProps {
  username: string;
  /** Empty after a reload: then it is asked for. */
  oldPassword: string;
  onDone: (me: Me) => void;
}

function PasswordForm({ username, oldPassword, onDone }: PasswordFormProps) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  // What is wrong with the one-time password has no field where it was typed in the form before.
  const { at, rest } = formErrors(error, oldPassword ? ["new_password"] : ["old_password", "new_password"]);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      onDone(await api.changePassword(oldPassword || String(form.get("old_password")), String(form.get("new_password"))));
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      {/* For password managers: which account the new password belongs to. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      {!oldPassword && (
        <Field id="old_password" label="One-time password" error={at("old_password")}>
          <input
            id="old_password"
            name="old_password"
            type="password"
            required
            autoComplete="current-password"
            className={inputClass}
          />
        </Field>
      )}
      <NewPassword error={at("new_password")} />
      <ProblemNote error={rest} />
      <Button type="submit" variant="primary" isBusy={isBusy} className="w-full">
        Save and go on
      </Button>
    </form>
  );
}

/** Typed once: who is not sure looks at it. */
function NewPassword({ error }: { error: string | undefined }) {
  const [isShown, setShown] = useState(false);
  return (
    <div>
      <Field
        id="new_password"
        label="New password"
        hint="At least 12 characters; a few words are easy to keep in mind."
        error={error}
      >
        <input
          id="new_password"
          name="new_password"
          type={isShown ? "text" : "password"}
          required
          autoComplete="new-password"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy("new_password")}
          className={inputClass}
        />
      </Field>
      <label className="mt-1 flex min-h-8 items-center gap-2 text-[0.8125rem] pointer-coarse:min-h-11">
        <input type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} className="accent-accent" />
        Show what I type
      </label>
    </div>
  );
}
