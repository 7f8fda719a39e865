import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Composer } from "@/components/take-part/composer";

const field = () => screen.getByLabelText<HTMLTextAreaElement>("Message to the investigation");

it("sends with Enter and is empty afterwards", async () => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  await userEvent.type(field(), "  look at the deploy {Enter}");
  expect(onSend).toHaveBeenCalledExactlyOnceWith("look at the deploy", false, expect.any(String));
  expect(field().value).toBe("");
});

it.each(["{Control>}{Enter}{/Control}", "{Meta>}{Enter}{/Meta}"])("asks with %s to have it used now", async (keys) => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  await userEvent.type(field(), `it is not the deploy${keys}`);
  expect(onSend).toHaveBeenCalledExactlyOnceWith("it is not the deploy", true, expect.any(String));
});

it("says at the button what using it now does", async () => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  const button = screen.getByRole<HTMLButtonElement>("button", {
    name: "Use now",
    description: /Interrupts what the model is saying/,
  });
  expect(button.disabled).toBe(true);
  await userEvent.type(field(), "now");
  await userEvent.click(button);
  expect(onSend).toHaveBeenCalledExactlyOnceWith("now", true, expect.any(String));
});

it("starts a line with Shift+Enter", async () => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  await userEvent.type(field(), "one{Shift>}{Enter}{/Shift}two");
  expect(field().value).toBe("one\ntwo");
  expect(onSend).not.toHaveBeenCalled();
});

it("leaves Enter to an input method that composes a word", () => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  fireEvent.change(field(), { target: { value: "にほん" } });
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
  expect(onSend).not.toHaveBeenCalled();
});

it("sends nothing that is only white space", async () => {
  const onSend = vi.fn();
  render(<Composer runId="run-1" onSend={onSend} />);
  await userEvent.type(field(), "   {Enter}");
  expect(onSend).not.toHaveBeenCalled();
});

it("keeps what was typed over a reload, for this run only", async () => {
  const { unmount } = render(<Composer runId="run-1" onSend={vi.fn()} />);
  await userEvent.type(field(), "half a thought");
  unmount();
  render(<Composer runId="run-1" onSend={vi.fn()} />);
  expect(field().value).toBe("half a thought");
  render(<Composer runId="run-2" onSend={vi.fn()} />);
  expect(screen.getAllByLabelText<HTMLTextAreaElement>("Message to the investigation")[1]?.value).toBe("");
});

it("gives the same words one id, whichever tab sends them, and other words another", async () => {
  const sends = [vi.fn(), vi.fn()];
  const fields = sends.map((onSend) => render(<Composer runId="run-1" onSend={onSend} />).getAllByRole("textbox"));
  const [first, second] = [fields[0]?.[0], fields[1]?.[1]] as [HTMLElement, HTMLElement];
  await userEvent.type(first, "one draft");
  // Both are pressed before either tab has heard of the other.
  act(() => {
    fireEvent.keyDown(first, { key: "Enter" });
    fireEvent.keyDown(second, { key: "Enter" });
  });
  const [here, there] = sends.map((onSend) => onSend.mock.calls[0] as [string, boolean, string]);
  expect(there).toEqual(here);
  await userEvent.type(first, "one draft{Enter}");
  expect(sends[0]?.mock.calls[1]?.[2]).not.toBe(here?.[2]);
});
