"use client";
import { Copy, Download, Ellipsis, FileDown, Printer } from "lucide-react";
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
  /** Makes a replay case; undefined where that is not possible. */
  onCase: (() => void) | undefined;
}

/** What is done with an issue now and then: taking it along as a document, and making a case of it. */
export function IssueMenu({ issue, state, record, onCase }: Props) {
  const input = state && { issue, state, run: record ?? null };
  return (
    <Menu label="More actions" trigger={<Ellipsis className="size-4" aria-hidden />} triggerClass={buttonClass("plain", "px-2")}>
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

async function written(input: Told): Promise<{ name: string; text: string }> {
  const { postMortem, postMortemName } = await import("@/lib/post-mortem");
  return { name: postMortemName(input), text: postMortem({ ...input, origin: location.origin }) };
}

async function copy(input: Told): Promise<void> {
  const { text } = await written(input);
  try {
    await navigator.clipboard.writeText(text);
    notify("Copied the post-mortem draft");
  } catch {
    // No permission, or a page without TLS, which has no clipboard at all.
    notify("The browser did not let the page copy. Download the draft instead.", "bad");
  }
}

async function download(input: Told): Promise<void> {
  const { name, text } = await written(input);
  saveFile(name, text, "text/markdown");
}
