/** What the page reads out of a run's events and results: turns, places, times, the trace, code and diffs. */
import { describe, expect, it } from "vitest";
import { callsText } from "@/lib/calls-text";
import { codeAddress } from "@/lib/code-host";
import { parseCode, parseExcerpt, splitDiff } from "@/lib/code-result";
import { applyEvents } from "@/lib/events";
import { eventAt, placeOf, targetOf } from "@/lib/places";
import { initialRunState } from "@/lib/run-state";
import { timesOf } from "@/lib/run-times";
import { flatEvents, kindsOf, lineOf, matching } from "@/lib/trace";
import { headlineOf, positionsText, storyOf, turnDuration } from "@/lib/turns";
import { parseDiff } from "@/lib/unified-diff";
import { callFinished, callStarted, event, events, messageQueued, stageStarted, stepStarted, text } from "../events";

const told = events([
  stageStarted("analyze"),
  stepStarted("a", 1),
  text("a", "I read **shop/part_1.py**\nfirst."),
  stepStarted("b", 2),
  callStarted("b", "c1"),
  callFinished("b", "c1"),
  stepStarted("c", 3),
  callStarted("c", "c2"),
  messageQueued("m1", "k1"),
  stepStarted("d", 4),
  callStarted("d", "c3"),
]);
const run = applyEvents(initialRunState, told);
const story = storyOf(run);

describe("the story", () => {
  it("puts the calls under what was said before them; a message begins a turn of its own", () => {
    const rows = story.map((row) => (row.type === "turn" ? row.steps.map(({ id }) => id).join() : row.type));
    expect(rows).toEqual(["stage", "a,b,c", "message", "d"]);
  });

  it("knows a turn by what was said in it, on one line and with the underscores of names", () => {
    const [turn] = story.filter((row) => row.type === "turn");
    expect(headlineOf(turn?.steps ?? [])).toEqual({ title: "Step a", said: "I read shop/part_1.py first.", isSaid: true });
    expect(positionsText(turn?.steps ?? [])).toBe("1–3");
    expect(turnDuration(turn?.steps ?? [])).toBeNull();
  });

  it("counts calls by what they do: a file that is read twice is one file", () => {
    const read = (path: string) => ({ tool: "code__read", arguments: { path } });
    const search = { tool: "code__search", arguments: { query: "x" } };
    expect(callsText([read("a"), search, read("b"), read("a"), search])).toBe("Read 2 files, searched twice");
    expect(callsText([{ tool: "sentry__get_issue", arguments: {} }])).toBe("Called sentry: get issue");
    expect(callsText([])).toBe("");
  });
});

describe("places", () => {
  it("reads events and evidence out of an address, and nothing else", () => {
    expect(targetOf("#event-42")).toEqual({ type: "event", seq: 42 });
    expect(targetOf("#evidence-3")).toEqual({ type: "evidence", number: 3 });
    expect(["", "#main", "#event-", "#event-4x"].map(targetOf)).toEqual([null, null, null, null]);
  });

  it("finds an event in the batches that were read, also one that was joined into a range", () => {
    const range = { ...event(9, text("a", "joined")), first_seq: 7 };
    const batches = [events([stepStarted("a")]), events([text("a", "x"), text("a", "y")], 6), [range]];
    expect(eventAt(batches, 1)?.payload.kind).toBe("step.started");
    expect(eventAt(batches, 6)?.seq).toBe(6);
    expect(eventAt(batches, 8)).toBe(range);
    expect(eventAt(batches, 10)).toBeUndefined();
  });

  it("names the call of an event, the row of a message, and nothing for what only the trace shows", () => {
    expect(placeOf(event(5, callFinished("b", "c1")))).toEqual({ type: "step", stepId: "b", callId: "c1" });
    expect(placeOf(event(9, messageQueued("m1", "k1")))).toEqual({ type: "row", rowId: "m1" });
    expect(placeOf(event(1, stageStarted("analyze")))).toBeNull();
  });
});

describe("the trace", () => {
  it("has each event once, however the batches overlap", () => {
    const range = { ...event(4, text("a", "joined")), first_seq: 3 };
    expect(flatEvents([told.slice(0, 4), [range], told.slice(4)]).map(({ seq }) => seq)).toEqual([
      1, 2, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
  });

  it("narrows by kind, by words and by number, and counts the kinds", () => {
    expect(matching(told, "step.started", "")).toHaveLength(4);
    expect(matching(told, "", "SHOP/PART").map(({ seq }) => seq)).toEqual([3]);
    expect(matching(told, "", "10").map(({ seq }) => seq)).toContain(10);
    expect(kindsOf(told)[0]).toEqual(["step.started", 4]);
  });

  it("says in one line what an event tells", () => {
    expect(told.map(lineOf).slice(0, 3)).toEqual(["stage: analyze", "Step a", "I read **shop/part_1.py** first."]);
    expect(lineOf(event(5, callFinished("b", "c1")))).toBe("code__read ok 1 x");
  });
});

describe("the times of a run", () => {
  it("count what ran side by side once, and what waited as idle", () => {
    const second = (at: number) => new Date(at * 1000).toISOString();
    const step = (id: string, from: number, to: number) => ({ ...run.steps.a, id, startedAt: second(from), endedAt: second(to) });
    const steps = { a: step("a", 0, 4), b: step("b", 2, 6), c: step("c", 9, 10) } as typeof run.steps;
    const times = timesOf({ ...run, steps, queuedAt: second(0), endedAt: second(10), status: "succeeded" }, 0);
    expect([times.total, times.idle]).toEqual([10_000, 3_000]);
    expect(times.stages).toEqual([{ stage: "analyze", start: 0, end: 10_000 }]);
  });
});

describe("code in results", () => {
  it("is read out of what `read` and `blame` answer", () => {
    const blame =
      "a.py at 5532d2e843b7\n   13  5f4137aca6d2  2026-02-05  Ida Berg              def x():\n\n5f4137aca6d2  2026-02-05 09:30  Ida";
    expect(parseCode("a.py at 5532d2e843b7, lines 8 to 9 of 31\n    8  class A:\n    9      x = 1")).toMatchObject({
      path: "a.py",
      commit: "5532d2e843b7",
      lines: [
        { number: 8, text: "class A:" },
        { number: 9, text: "    x = 1" },
      ],
    });
    expect(parseCode(blame)?.lines[0]).toMatchObject({ number: 13, by: expect.stringContaining("Ida Berg"), text: "def x():" });
    expect(parseCode(blame)?.rest).toBe("5f4137aca6d2  2026-02-05 09:30  Ida");
  });

  it("is not seen where there is none", () => {
    expect(parseCode("Nothing was found.")).toBeNull();
    expect(parseExcerpt("   12  x = 1\n   13")).toBeNull();
    expect(parseExcerpt("   12  x = 1\n   13  ")).toHaveLength(2);
    expect(splitDiff("commit 5f\n\ndiff --git a/x b/x\n")).toEqual({ head: "commit 5f", diff: "diff --git a/x b/x\n" });
    expect(splitDiff("no change")).toBeNull();
  });

  it("is found at the service that hosts it, where that is known", () => {
    const place = { path: "shop/a b.py", line: 7, commit: "5f41" };
    expect(codeAddress("git@github.com:acme/shop.git", place)).toBe("https://github.com/acme/shop/blob/5f41/shop/a%20b.py#L7");
    expect(codeAddress("https://gitlab.com/acme/shop", { ...place, line: null })).toBe(
      "https://gitlab.com/acme/shop/-/blob/5f41/shop/a%20b.py",
    );
    expect(codeAddress("/srv/repositories/shop", place)).toBe("");
    expect(codeAddress("https://github.com.example.org/a/b", place)).toBe("");
  });
});

describe("a unified diff", () => {
  const two = [
    "diff --git a/x.py b/x.py",
    "index 1..2 100644",
    "--- a/x.py",
    "+++ b/x.py",
    "@@ -1,2 +1,3 @@",
    " one",
    "-- two",
    "+++ three",
    "+four",
    "\\ No newline at end of file",
    "diff --git a/new.py b/new.py",
    "new file mode 100644",
    "--- /dev/null",
    "+++ b/new.py",
    "@@ -0,0 +1 @@",
    "+a",
  ].join("\n");

  it("is files with numbered lines, also where a line looks like a header", () => {
    const [first, second] = parseDiff(two);
    expect(first).toMatchObject({ path: "x.py", change: "changed", added: 2, removed: 1 });
    expect(first?.hunks[0]?.lines.map(({ kind, before, after, text: line }) => [kind, before, after, line])).toEqual([
      ["same", 1, 1, "one"],
      ["removed", 2, null, "- two"],
      ["added", null, 2, "++ three"],
      ["added", null, 3, "four"],
      ["note", null, null, "No newline at end of file"],
    ]);
    expect(second).toMatchObject({ path: "new.py", change: "new", added: 1, removed: 0 });
  });

  it("tells a rename and a binary file, and knows what is no diff", () => {
    const renamed = "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n";
    expect(parseDiff(renamed)).toMatchObject([{ path: "b.py", formerPath: "a.py", change: "renamed", hunks: [] }]);
    expect(parseDiff("diff --git a/i.png b/i.png\nBinary files differ\n")).toMatchObject([{ path: "i.png", hunks: [] }]);
    expect(parseDiff("just words\n- and a list")).toEqual([]);
  });
});
