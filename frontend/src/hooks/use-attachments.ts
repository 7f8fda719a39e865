"use client";
import { useRef, useState } from "react";
import {
  appended,
  block,
  isRefusal,
  MAX_FILE_BYTES,
  MAX_REPORT_CHARS,
  type ReadFile,
  type Refusal,
  readBytes,
  tooLarge,
} from "@/lib/report-text";

export interface Attachments {
  add: (files: readonly File[]) => void;
  /** The part of a refused file that fits. */
  addEnd: (file: Refusal) => void;
  dismiss: (name: string) => void;
  refused: readonly Refusal[];
  /** What was attached last, in a sentence. */
  added: string;
}

/** Files whose text becomes part of a report. What cannot is told, and what is typed stays as it is. */
export function useAttachments(body: string, setBody: (body: string) => void): Attachments {
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [added, setAdded] = useState("");
  // Files are read while somebody types on.
  const current = useRef(body);
  current.current = body;
  const put = (name: string, text: string) => {
    current.current = appended(current.current, block(name, text));
    setBody(current.current);
  };
  const add = async (files: readonly File[]) => {
    const done: string[] = [];
    const failed: Refusal[] = [];
    for (const file of files) {
      const read = await readFile(file, () => MAX_REPORT_CHARS - current.current.length);
      if (isRefusal(read)) failed.push(read);
      else {
        put(read.name, read.text);
        done.push(read.name);
      }
    }
    setAdded(done.length > 0 ? `Attached at the end of the report: ${done.join(", ")}.` : "");
    const names = new Set(files.map(({ name }) => name));
    setRefused((before) => [...before.filter(({ name }) => !names.has(name)), ...failed]);
  };
  const dismiss = (name: string) => setRefused((before) => before.filter((file) => file.name !== name));
  return {
    add: (files) => void add(files),
    addEnd: (file) => {
      put(file.name, file.end);
      setAdded(`Attached the end of ${file.name} at the end of the report.`);
      dismiss(file.name);
    },
    dismiss,
    refused,
    added,
  };
}

async function readFile(file: File, room: () => number): Promise<ReadFile> {
  if (file.size > MAX_FILE_BYTES) return tooLarge(file.name);
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return readBytes(file.name, bytes, room());
  } catch (error) {
    // A folder, or a file that is gone or locked: the browser says so only now.
    if (!(error instanceof DOMException)) throw error;
    return { name: file.name, reason: "The browser could not read it. Open it yourself and paste what matters.", end: "" };
  }
}
