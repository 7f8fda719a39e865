"use client";
import { Copy, Download, Ellipsis, FileDown, Printer, RotateCcw } from "lucide-react";
import { buttonClass } from "@/components/ui/button";
import { Menu, MenuGroup, MenuItem } from "@/components/ui/menu";
import type { Issue, Run } from "@/lib/api-types";
import { notify } from "@/lib/notices";
import type { PostMortemInput } from "@/lib/post-mortem";
import type { RunState } from "@/lib/run-state";
import { saveFile } from "@/lib/save-file";

interface Props {
  issue: Issue;
  /** What the run shown has told; without a run there is no post-mortem to draft. */
  state: RunState | undefined;
  record: Run | undefined;
  /** Investigates once more from the beginning; undefined where that is not possible. */
  onStartRun: (() => void) | undefined;
  /** Makes a replay case; undefined where that is not possible. */
  onCase: (() => void) | undefined;
}

/** What is done with an issue now and then: taking it along as a document, and making a case of it. */
export function IssueMenu({ issue, state, record, onStartRun, onCase }: Props) {
  const input = state && { issue, state, run: record ?? null };
  return (
    <Menu label="More actions" trigger={<Ellipsis className="size-4" aria-hidden />} triggerClass={buttonClass("plain", "px-2")}>
      {onStartRun && (
        <MenuGroup>
          <MenuItem onSelect={onStartRun}>
            <RotateCcw className="size-4" aria-hidden /> Start another run
          </MenuItem>
        </MenuGroup>
      )}
      <MenuGroup label="Post-mortem draft">
        {input && (
          <>
            <MenuItem onSelect={() => void copy(input)}>
              <Copy className="size-4" aria-hidden /> Copy as Markdown
            </MenuItem>
            <MenuItem onSelect={() => void download(input)}>
              <Download className="size-4" aria-hidden /> Download .md
            </MenuItem>
          </>
        )}
        <MenuItem onSelect={() => window.print()}>
          <Printer className="size-4" aria-hidden /> Print
        </MenuItem>
      </MenuGroup>
      {onCase && (
        <MenuGroup label="Evaluations">
          <MenuItem onSelect={onCase}>
            <FileDown className="size-4" aria-hidden /> Make a replay case
          </MenuItem>
        </MenuGroup>
      )}
    </Menu>
  );
}

type Told = Omit<PostMortemInput, "origin">;

/** Null, and told, where the script that writes it cannot be loaded. */
async function written(input: Told): Promise<{ name: string; text: string } | null> {
  const module = await import("@/lib/post-mortem").catch(() => null);
  if (!module) {
    notify("The draft could not be written: a part of the page did not load. Reload the page and try again.", "bad");
    return null;
  }
  return { name: module.postMortemName(input), text: module.postMortem({ ...input, origin: location.origin }) };
}

async function copy(input: Told): Promise<void> {
  const draft = await written(input);
  if (!draft) return;
  try {
    await navigator.clipboard.writeText(draft.text);
    notify("Copied the post-mortem draft");
  } catch {
    // No permission, or a page without TLS, which has no clipboard at all.
    notify("The browser did not let the page copy. Download the draft instead.", "bad");
  }
}

async function download(input: Told): Promise<void> {
  const draft = await written(input);
  if (draft) saveFile(draft.name, draft.text, "text/markdown");
}
