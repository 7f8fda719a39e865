import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Markdown } from "@/components/text/markdown";
import { splitBlocks } from "@/lib/markdown-blocks";

it("lets what a model writes run nothing and fetch nothing", () => {
  render(
    <Markdown text={'<img src="x" onerror="alert(1)">\n\n[a](javascript:alert(1)) ![secret](https://evil.example/x.png)'} />,
  );
  expect(document.querySelector("img, script")).toBeNull();
  expect(screen.getByText("a").getAttribute("href") ?? "").not.toContain("javascript");
  expect(screen.getByText("[image: secret]")).toBeTruthy();
});

it("opens foreign links elsewhere, without telling where from", () => {
  render(<Markdown text="[docs](https://example.org)" />);
  expect(screen.getByText("docs").getAttribute("rel")).toBe("noreferrer noopener");
});

it.each([
  "https://github.com/login?x=evil.example",
  "https://evil.example@github.com/",
  "github.com/evil.example",
  "https://evil.example.github.com/",
])("says where a link leads whose text leads elsewhere: %s", (shown) => {
  render(<Markdown text={`[${shown.replace("@", "\\@")}](https://evil.example/)`} />);
  expect(screen.getByText("(evil.example)")).toBeTruthy();
});

it.each(["https://good.example/a?b=c", "Good.example", "good.example/x"])("does not repeat the host of %s", (shown) => {
  render(<Markdown text={`[${shown}](https://good.example/)`} />);
  expect(screen.queryByText("(good.example)")).toBe(null);
});

it("says where a link leads whose text does not, and makes none of what leads to no host", () => {
  render(<Markdown text={"[sign in](https://evil.example/login)\n\n[mail](mailto:a@evil.example) [path](//evil.example)"} />);
  expect(screen.getByText("(evil.example)")).toBeTruthy();
  expect(screen.getAllByRole("link")).toHaveLength(1);
});

it("makes no link of an address that was taken the link away from", () => {
  render(<Markdown text={"hxxps://evil.example/?d=1 www[.]evil.example ‹javascript:alert(1)› [a] (//evil.example/x)"} />);
  expect(screen.queryAllByRole("link")).toHaveLength(0);
});

it("makes citations of known evidence lead to it", () => {
  render(<Markdown text="It fails [2]." known={new Set([2])} />);
  expect(screen.getByRole("link", { name: "Evidence 2" }).getAttribute("href")).toBe("#evidence-2");
});

it("looks the same streamed in blocks as at once", () => {
  const text = "Intro\n\n- one\n\n- two\n\n```py\nx = 1\n\ny = 2\n```\n\nEnd **bold**";
  const { container: whole } = render(<Markdown text={text} />);
  const { container: streamed } = render(<Markdown text={text} isStreaming />);
  expect(streamed.textContent?.replaceAll("\n", "")).toBe(whole.textContent?.replaceAll("\n", ""));
  expect(splitBlocks(text)).toHaveLength(3);
});
