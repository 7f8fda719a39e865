/** A unified diff, taken apart: files, hunks, and the number that each line has before and after. */

export interface DiffLine {
  kind: "same" | "added" | "removed" | "note";
  before: number | null;
  after: number | null;
  text: string;
}

export interface Hunk {
  /** The line that begins it, as it stands there. */
  header: string;
  lines: DiffLine[];
}

export interface DiffFile {
  path: string;
  /** What it was called before, where that is another name. */
  formerPath: string;
  change: "changed" | "new" | "deleted" | "renamed";
  added: number;
  removed: number;
  /** Lines before the first hunk that tell more than names, such as modes or that the file is binary. */
  notes: string[];
  hunks: Hunk[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** None where the text is no diff that this can read: then it is shown as it stands. */
export function parseDiff(text: string): DiffFile[] {
  const reader = new Reader();
  for (const line of text.replace(/\n$/, "").split("\n")) reader.read(line);
  const files = reader.files;
  return files.length > 0 && files.every(({ path, hunks, notes }) => path && (hunks.length > 0 || notes.length > 0)) ? files : [];
}

/** Counts the lines that a hunk has left: a removed line may itself begin with `-- `. */
class Reader {
  readonly files: DiffFile[] = [];
  #before = 0;
  #after = 0;
  #leftBefore = 0;
  #leftAfter = 0;

  read(line: string): void {
    if (this.#leftBefore > 0 || this.#leftAfter > 0) this.#readContent(line);
    else if (line.startsWith("\\")) this.#add({ kind: "note", before: null, after: null, text: line.slice(2) });
    else this.#readHeader(line);
  }

  #readContent(line: string): void {
    const text = line.slice(1);
    if (line.startsWith("+")) {
      this.#leftAfter -= 1;
      this.#file.added += 1;
      this.#add({ kind: "added", before: null, after: this.#after++, text });
    } else if (line.startsWith("-")) {
      this.#leftBefore -= 1;
      this.#file.removed += 1;
      this.#add({ kind: "removed", before: this.#before++, after: null, text });
    } else if (line.startsWith("\\")) {
      this.#add({ kind: "note", before: null, after: null, text: line.slice(2) });
    } else {
      this.#leftBefore -= 1;
      this.#leftAfter -= 1;
      this.#add({ kind: "same", before: this.#before++, after: this.#after++, text });
    }
  }

  #readHeader(line: string): void {
    const hunk = HUNK.exec(line);
    if (hunk) {
      const [, before, beforeCount = "1", after, afterCount = "1"] = hunk;
      [this.#before, this.#after] = [Number(before), Number(after)];
      [this.#leftBefore, this.#leftAfter] = [Number(beforeCount), Number(afterCount)];
      this.#file.hunks.push({ header: line, lines: [] });
    } else if (line.startsWith("diff --git ")) {
      this.#begin(namesOf(line));
    } else if (line.startsWith("--- ")) {
      // A diff without the `diff --git` lines: each of these begins a file.
      if (this.#last === undefined || this.#last.hunks.length > 0) this.#begin(["", ""]);
      this.#name("formerPath", line.slice(4));
    } else if (line.startsWith("+++ ")) {
      this.#name("path", line.slice(4));
    } else if (this.#last) {
      this.#readNote(this.#last, line);
    }
  }

  #readNote(file: DiffFile, line: string): void {
    const [, name] = /^rename (?:from|to) (.*)$/.exec(line) ?? [];
    if (line.startsWith("new file")) file.change = "new";
    else if (line.startsWith("deleted file")) file.change = "deleted";
    else if (name) file.change = "renamed";
    if (line && !/^(index|new file|deleted file|similarity)/.test(line)) file.notes.push(line);
  }

  #name(field: "path" | "formerPath", told: string): void {
    const name = told.split("\t")[0] ?? "";
    const file = this.#file;
    if (name === "/dev/null") {
      file.change = field === "path" ? "deleted" : "new";
      return;
    }
    const plain = name.replace(/^"?[ab]\//, "").replace(/"$/, "");
    file[field] = plain;
    if (field === "formerPath" && !file.path) file.path = plain;
    if (field === "path" && file.formerPath === plain) file.formerPath = "";
  }

  #begin([formerPath, path]: readonly [string, string]): void {
    this.files.push({ path, formerPath, change: "changed", added: 0, removed: 0, notes: [], hunks: [] });
  }

  #add(line: DiffLine): void {
    this.#file.hunks.at(-1)?.lines.push(line);
  }

  get #last(): DiffFile | undefined {
    return this.files.at(-1);
  }

  get #file(): DiffFile {
    if (!this.#last) this.#begin(["", ""]);
    return this.#last as DiffFile;
  }
}

/** Both names are the same unless the file was renamed, which further lines tell. */
function namesOf(line: string): readonly [string, string] {
  const [, before = "", after = ""] = /^diff --git "?a\/(.*?)"? "?b\/(.*?)"?$/.exec(line) ?? [];
  return before === after ? ["", after] : [before, after];
}
