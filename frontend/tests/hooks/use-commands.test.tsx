import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { type CommandActions, readyCommands, setSingleKeys, useCommands } from "@/hooks/use-commands";

afterEach(() => localStorage.clear());

function Offer({ actions, children }: { actions: CommandActions; children?: React.ReactNode }) {
  useCommands(actions);
  return children;
}

const press = (key: string, init: KeyboardEventInit = {}, target: Element = document.body) =>
  fireEvent.keyDown(target, { key, ...init });

it("does what the key is for, while it is offered", () => {
  const create = vi.fn<() => void>();
  const { unmount } = render(<Offer actions={{ "issue.new": create }} />);
  expect(press("c")).toBe(false);
  unmount();
  expect(press("c")).toBe(true);
  expect(create).toHaveBeenCalledOnce();
});

it("prefers a child to its parent, and falls back to the parent when the child has nothing", () => {
  const [outer, inner] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const page = (offered: (() => void) | undefined) => (
    <Offer actions={{ theme: outer }}>
      <Offer actions={{ theme: offered }} />
    </Offer>
  );
  const { rerender } = render(page(inner));
  press("t");
  rerender(page(undefined));
  press("t");
  expect([inner.mock.calls.length, outer.mock.calls.length]).toEqual([1, 1]);
});

it("is silent in fields, in menus and while composing, except for keys meant for fields", () => {
  const [create, palette] = [vi.fn<() => void>(), vi.fn<() => void>()];
  render(
    <Offer actions={{ "issue.new": create, palette }}>
      <input aria-label="Title" />
      <div role="menu">
        <button type="button">Item</button>
      </div>
    </Offer>,
  );
  press("c", {}, screen.getByRole("textbox"));
  press("c", {}, screen.getByText("Item"));
  press("c", { isComposing: true });
  press("c", { keyCode: 229 });
  press("c", { repeat: true });
  expect(create).not.toHaveBeenCalled();
  press("k", { ctrlKey: true }, screen.getByRole("textbox"));
  expect(palette).toHaveBeenCalledOnce();
});

it("is silent while a dialog is open", () => {
  const create = vi.fn<() => void>();
  render(
    <Offer actions={{ "issue.new": create }}>
      <dialog open>Sure?</dialog>
    </Offer>,
  );
  press("c");
  expect(create).not.toHaveBeenCalled();
});

it("takes two strokes for a sequence", () => {
  const go = vi.fn<() => void>();
  render(<Offer actions={{ "go.issues": go }} />);
  press("g");
  press("i");
  expect(go).toHaveBeenCalledOnce();
});

it("can be told to leave characters alone", () => {
  const [create, palette] = [vi.fn<() => void>(), vi.fn<() => void>()];
  render(<Offer actions={{ "issue.new": create, palette }} />);
  setSingleKeys(false);
  press("c");
  press("k", { ctrlKey: true });
  expect([create.mock.calls.length, palette.mock.calls.length]).toEqual([0, 1]);
});

it("lists what can be done now, once each", () => {
  render(
    <Offer actions={{ theme: vi.fn<() => void>(), "go.issues": vi.fn<() => void>() }}>
      <Offer actions={{ theme: vi.fn<() => void>(), "issue.new": false }} />
    </Offer>,
  );
  expect(readyCommands().map((command) => command.id)).toEqual(["theme", "go.issues"]);
});
