// @vitest-environment node
import { expect, it } from "vitest";
import {
  appended,
  block,
  fenced,
  isInFence,
  isNearLimit,
  isRefusal,
  looksLikeOutput,
  MAX_REPORT_CHARS,
  readBytes,
  withFence,
  withFencedOutput,
} from "@/lib/report-text";

const bytes = (text: string) => new TextEncoder().encode(text);
const TRACE = `Traceback (most recent call last):
  File "/srv/shop/cart.py", line 10, in total
    return price_of(item)
  File "/srv/shop/pricing.py", line 22, in price_of
    return rates["rate"]
KeyError: 'rate'`;

it("reads UTF-8, and UTF-16 where its mark says so, and makes line ends alike", () => {
  expect(readBytes("a.log", bytes("eins\r\nzwei €"), 1000)).toEqual({ name: "a.log", text: "eins\nzwei €" });
  const utf16 = new Uint8Array([0xff, 0xfe, 0x41, 0, 0x42, 0]);
  expect(readBytes("a.txt", utf16, 1000)).toEqual({ name: "a.txt", text: "AB" });
});

it.each([
  ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]), /not UTF-8 text.*paste the text/],
  ["zeros", new Uint8Array([0x41, 0, 0x42]), /not UTF-8 text/],
  ["Latin-1", new Uint8Array([0x66, 0xfc, 0x72]), /not UTF-8 text/],
  ["nothing", bytes(" \n"), /empty/],
])("refuses %s and says what to do", (_, data, reason) => {
  const read = readBytes("x.bin", data, 1000);
  expect(isRefusal(read) && read.reason).toMatch(reason);
  expect(isRefusal(read) && read.end).toBe("");
});

it("offers the last whole lines of a file that does not fit, which then fit", () => {
  const log = Array.from({ length: 100 }, (_, line) => `line ${line}`).join("\n");
  const read = readBytes("app.log", bytes(log), 200);
  if (!isRefusal(read)) throw new Error("It cannot fit.");
  expect(read.reason).toMatch(/789 characters; 17\d more fit/);
  expect(read.end).toMatch(/^line \d+\nline[\s\S]*line 99$/);
  expect(block("app.log", read.end).length).toBeLessThanOrEqual(200);
});

it("says that a full report is full", () => {
  const read = readBytes("app.log", bytes("some text"), 3);
  expect(isRefusal(read) && [read.reason, read.end]).toEqual([expect.stringMatching(/the report is full/), ""]);
});

it("makes a block that its own text cannot close, under a name that is no Markdown", () => {
  expect(fenced("a\n````\nb\n")).toBe("`````\na\n````\nb\n`````");
  expect(block("x*y`.json", "{}")).toBe("**x\\*y\\`.json**\n\n```json\n{}\n```\n");
  expect(block("_i_ www.evil.example \u202egnp", "x")).toMatch(/^\*\*\\_i\\_ www\\\.evil\.example \\\\u\{202e\}gnp\*\*\n/);
  expect(appended("It fails. \n\n\n", block("a.log", "x"))).toBe("It fails.\n\n**a.log**\n\n```text\nx\n```\n");
});

it("knows traces and logs from prose, from lists, and from what is in a block already", () => {
  const log = "2026-11-20 10:01:02 INFO a\n2026-11-20 10:01:03 ERROR b\n2026-11-20 10:01:04 INFO c\nINFO d";
  expect([TRACE, log].map(looksLikeOutput)).toEqual([true, true]);
  const prose = "It fails.\nSince Tuesday.\n\n- at checkout\n- at night\nWe rolled back.";
  expect([prose, fenced(TRACE), "one line at x.py:1"].map(looksLikeOutput)).toEqual([false, false, false]);
});

it("puts what was pasted into a block where it is now, and gives up where it is gone", () => {
  const body = `It fails: ${TRACE}\nSince Tuesday.`;
  expect(withFence(body, TRACE, 10)).toBe(`It fails:\n\n\`\`\`text\n${TRACE}\n\`\`\`\n\nSince Tuesday.`);
  expect(withFence(`So. ${body}`, TRACE, 10)).toContain(`\`\`\`text\n${TRACE}\n\`\`\``);
  expect(withFence("something else", TRACE, 0)).toBeNull();
});

it("knows whether a place is inside a block", () => {
  const body = "a\n```py\nb\n```\nc\n~~~\nd";
  expect([0, 10, body.indexOf("c"), body.length].map((at) => isInFence(body, at))).toEqual([false, true, false, true]);
});

it("counts only near the limit", () => {
  expect([1000, MAX_REPORT_CHARS * 0.81].map((length) => isNearLimit("x".repeat(length)))).toEqual([false, true]);
});

it("shows an unfenced trace line by line, and leaves prose and what is fenced alone", () => {
  expect(withFencedOutput(`It fails:\n${TRACE}\n\nSince Monday.`)).toBe(
    `It fails:\n\n\`\`\`text\n${TRACE}\n\`\`\`\n\nSince Monday.`,
  );
  for (const text of ["Only prose.\nOn two lines.", `\`\`\`\n${TRACE}\n\`\`\``]) expect(withFencedOutput(text)).toBe(text);
});
