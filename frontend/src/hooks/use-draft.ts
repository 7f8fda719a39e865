"use client";
import { useCallback, useSyncExternalStore } from "react";
import { keep, kept, subscribeKept } from "@/lib/keeping";

const nothing = (): string => "";

/** A text that survives a reload and the end of a session, the same in all tabs of the person. */
export function useDraft(name: string): [text: string, setText: (text: string) => void] {
  const read = useCallback(() => kept("draft", name), [name]);
  // The exported page has no storage, so the first render finds nothing.
  const text = useSyncExternalStore(subscribeKept, read, nothing);
  const change = useCallback((next: string) => keep("draft", name, next), [name]);
  return [text, change];
}

/** Whether the person has switched something on, in this browser. */
export function useChoice(name: string): [isOn: boolean, choose: (isOn: boolean) => void] {
  const read = useCallback(() => kept("choice", name), [name]);
  const value = useSyncExternalStore(subscribeKept, read, nothing);
  const choose = useCallback((isOn: boolean) => keep("choice", name, isOn ? "on" : ""), [name]);
  return [value === "on", choose];
}
