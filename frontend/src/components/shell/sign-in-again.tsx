"use client";
import { useMutation } from "@tanstack/react-query";
import { usePathname } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { signInAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";

interface Props {
  /** Whose session has ended. */
  username: string;
  onDone: (me: Me) => void;
  onClose: () => void;
}

/** Signing in on top of the page, which stays as it is. Whoever is somebody else goes to the page for that. */
export function SignInAgain({ username, onDone, onClose }: Props) {
  const elsewhere = signInAddress(usePathname());
  const signIn = useMutation({
    mutationFn: (password: string) => api.login(username, password),
    onSuccess: (me) => (me.user?.must_change_password ? location.assign(elsewhere) : onDone(me)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(String(new FormData(event.currentTarget).get("password")));
  };
  return (
    <Dialog title="Your session has ended" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <p className="text-muted">
          Sign in again to go on here. What you typed is kept, and messages on their way are sent then. Do again what was refused
          meanwhile.
        </p>
        <Field id="again-username" label="User name">
          <input
            id="again-username"
            name="username"
            value={username}
            readOnly
            autoComplete="username"
            className={`${inputClass} bg-raised`}
          />
        </Field>
        <Field id="again-password" label="Password">
          <input
            id="again-password"
            name="password"
            type="password"
            required
            autoFocus
            autoComplete="current-password"
            className={inputClass}
          />
        </Field>
        <ProblemNote error={signIn.error} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          {/* Not a Link: the page must forget who was signed in. */}
          <a href={elsewhere} className="text-[0.8125rem] text-accent underline underline-offset-2">
            Sign in as somebody else
          </a>
          <Button type="submit" variant="primary" isBusy={signIn.isPending}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
