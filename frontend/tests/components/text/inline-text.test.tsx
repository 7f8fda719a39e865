import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { InlineText } from "@/components/text/inline-text";

it("marks code and known citations, and nothing else", () => {
  const { container } = render(<InlineText text="`total` in __init__ reads items[2] [2] [9]" known={new Set([2])} />);
  expect(container.textContent).toBe("total in __init__ reads items[2] [2] [9]");
  expect(container.querySelector("code")?.textContent).toBe("total");
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["#evidence-2"]);
});

it("takes no number in code for a citation", () => {
  render(<InlineText text="`rows[2]`" known={new Set([2])} />);
  expect(screen.queryByRole("link")).toBeNull();
});
