import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { CopyButton } from "@/components/ui/copy-button";
import { DataTable } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import { FormDialog } from "@/components/ui/form-dialog";
import { LoadMore } from "@/components/ui/load-more";
import { Menu, MenuItem } from "@/components/ui/menu";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { StatusRegion } from "@/components/ui/status-region";
import { Tabs } from "@/components/ui/tabs";
import { TextField } from "@/components/ui/text-field";
import { currentNotices, dismiss, notify } from "@/lib/notices";
import { ApiError, toProblem } from "@/lib/problem";

const done = () => vi.fn<() => void>();

function Opener() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {isOpen && (
        <Dialog title="Rename" onClose={() => setOpen(false)}>
          <button type="button" onClick={() => setOpen(false)}>
            Save
          </button>
        </Dialog>
      )}
    </>
  );
}

const TABS = [
  { id: "story", label: "Story" },
  { id: "trace", label: "Trace" },
] as const;

function Views() {
  const [selected, select] = useState<"story" | "trace">("story");
  return (
    <Tabs label="View" tabs={TABS} selected={selected} onSelect={select}>
      {selected}
    </Tabs>
  );
}

beforeEach(() => {
  for (const notice of currentNotices()) dismiss(notice.id);
  // The DOM of the tests has no popovers: a list that is open or not, and says so.
  const toggle = (newState: string) =>
    function (this: HTMLElement) {
      this.dataset.open = newState;
      fireEvent(this, Object.assign(new Event("toggle"), { newState }));
    };
  Object.assign(HTMLElement.prototype, { showPopover: toggle("open"), hidePopover: toggle("closed") });
});

describe("dialog", () => {
  it("is named by its title, and asks to be taken away when it is closed", async () => {
    const onClose = done();
    render(
      <Dialog title="Rename" onClose={onClose}>
        Text
      </Dialog>,
    );
    expect(screen.getByRole("dialog", { name: "Rename" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("closes on a click beside it, not on a selection that ends there or a double click that opened it", () => {
    const onClose = done();
    render(
      <Dialog title="Rename" onClose={onClose}>
        <p>Text</p>
      </Dialog>,
    );
    const dialog = screen.getByRole("dialog");
    const clickBeside = () => {
      fireEvent.pointerDown(dialog);
      fireEvent.click(dialog);
    };
    // The second click of who has opened it with a double one.
    clickBeside();
    expect(onClose).not.toHaveBeenCalled();
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 2_000);
    fireEvent.pointerDown(screen.getByText("Text"));
    fireEvent.click(dialog);
    expect(onClose).not.toHaveBeenCalled();
    clickBeside();
    expect(onClose).toHaveBeenCalledOnce();
    vi.mocked(performance.now).mockRestore();
  });

  it("gives focus back to what opened it, also when its owner takes it away", async () => {
    render(<Opener />);
    await userEvent.click(screen.getByText("Open"));
    await userEvent.click(screen.getByText("Save"));
    expect(document.activeElement).toBe(screen.getByText("Open"));
  });

  it("does what destroys only when the name is typed", async () => {
    const onConfirm = done();
    render(
      <ConfirmDialog title="Remove shop" confirmLabel="Remove" phrase="shop" onConfirm={onConfirm} onClose={done()}>
        It cannot be undone.
      </ConfirmDialog>,
    );
    const remove = screen.getByRole("button", { name: "Remove" });
    await userEvent.type(screen.getByLabelText("Type shop to go on"), "sho{Enter}");
    await userEvent.click(remove);
    expect(onConfirm).not.toHaveBeenCalled();
    await userEvent.type(screen.getByLabelText("Type shop to go on"), "p{Enter}");
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  it("sends a form once, and not while it is being sent", () => {
    const onSubmit = done();
    const form = (isBusy: boolean) => (
      <FormDialog title="Rename" submitLabel="Save" isBusy={isBusy} error={null} onSubmit={onSubmit} onClose={done()}>
        <TextField id="name" label="Name" value="shop" onChange={done()} error="It is taken." />
      </FormDialog>
    );
    const page = render(form(false));
    fireEvent.submit(screen.getByLabelText("Name"));
    page.rerender(form(true));
    fireEvent.submit(screen.getByLabelText("Name"));
    expect(onSubmit).toHaveBeenCalledOnce();
    expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
  });
});

describe("menu", () => {
  const open = async (onSelect = done(), onRefused = done()) => {
    render(
      <Menu label="Account" trigger="Ada">
        <MenuItem onSelect={done()}>Profile</MenuItem>
        <MenuItem onSelect={onRefused} refusal="for admins">
          Refused
        </MenuItem>
        <MenuItem onSelect={onSelect} isChosen>
          Sign out
        </MenuItem>
      </Menu>,
    );
    await userEvent.click(screen.getByRole("button", { name: "Account" }));
  };

  it("goes through what can be chosen, round and round, and by first letter", async () => {
    await open();
    expect(document.activeElement?.textContent).toBe("Profile");
    await userEvent.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Sign out");
    await userEvent.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Profile");
    await userEvent.keyboard("s");
    expect(document.activeElement?.textContent).toBe("Sign out");
  });

  it("closes with a choice, and does not take what is refused", async () => {
    const [chosen, refused] = [done(), done()];
    await open(chosen, refused);
    await userEvent.click(screen.getByRole("menuitem", { name: /Refused/ }));
    expect(screen.getByRole("button", { name: "Account" }).getAttribute("aria-expanded")).toBe("true");
    await userEvent.click(screen.getByRole("menuitemradio", { name: "Sign out", checked: true }));
    expect([chosen.mock.calls.length, refused.mock.calls.length]).toEqual([1, 0]);
    expect(screen.getByRole("button", { name: "Account" }).getAttribute("aria-expanded")).toBe("false");
  });
});

it("goes from tab to tab with the arrows and round the end", async () => {
  render(<Views />);
  await userEvent.click(screen.getByRole("tab", { name: "Story" }));
  await userEvent.keyboard("{ArrowLeft}");
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Trace", selected: true }));
  expect(screen.getByRole("tabpanel", { name: "Trace" }).textContent).toBe("trace");
});

describe("states", () => {
  it("offers to try again where that can help, and says why not where it cannot", () => {
    const { rerender } = render(<ErrorState error={new ApiError(toProblem(502, ""))} onRetry={done()} />);
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
    rerender(<ErrorState error={new ApiError(toProblem(403, { detail: "Admins only." }))} onRetry={done()} />);
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByRole("alert").textContent).toContain("Admins only.");
  });

  it("says that there is nothing, and what to do", () => {
    render(<EmptyState title="No token yet" action={<button type="button">Make one</button>} />);
    expect(screen.getByRole("heading", { name: "No token yet" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Make one" })).toBeTruthy();
  });

  it("offers the next page while there is one, and to try again when it failed", async () => {
    const onMore = done();
    const { rerender } = render(<LoadMore hasMore isLoading={false} onMore={onMore} />);
    await userEvent.click(screen.getByRole("button", { name: "Load more" }));
    rerender(<LoadMore hasMore isLoading={false} onMore={onMore} error={new ApiError(toProblem(502, ""))} />);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(onMore).toHaveBeenCalledTimes(2);
    rerender(<LoadMore hasMore={false} isLoading={false} onMore={onMore} />);
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("notices", () => {
  it("go by themselves, bad ones only when they are dismissed", () => {
    vi.useFakeTimers();
    render(<StatusRegion />);
    act(() => {
      notify("Saved");
      notify("Not saved", "bad");
    });
    act(() => vi.advanceTimersByTime(60_000));
    expect(screen.getByRole("status").textContent).toBe("Not saved");
    fireEvent.click(screen.getByRole("button", { name: "Dismiss: Not saved" }));
    expect(screen.getByRole("status").textContent).toBe("");
  });

  it("are shown once, in the dialog while there is one", () => {
    render(<StatusRegion />);
    const { unmount } = render(
      <Dialog title="Rename" onClose={done()}>
        Text
      </Dialog>,
    );
    act(() => notify("Saved"));
    expect(screen.getByText("Saved").closest("dialog")).not.toBeNull();
    unmount();
    expect(screen.getByText("Saved").closest("dialog")).toBeNull();
  });

  it("tell what was copied, and when the browser refused", async () => {
    const user = userEvent.setup();
    render(<CopyButton text="sha" label="Copy the commit" />);
    await user.click(screen.getByRole("button", { name: "Copy the commit" }));
    expect(await navigator.clipboard.readText()).toBe("sha");
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    await user.click(screen.getByRole("button", { name: "Copy the commit" }));
    expect(currentNotices().map(({ tone }) => tone)).toEqual(["plain", "bad"]);
  });
});

it("names a row by its first cell, and a cell of a card by its column", () => {
  const columns = [
    { id: "name", header: "Name", cell: (row: { name: string; runs: number }) => row.name },
    { id: "runs", header: "Runs", cell: (row: { name: string; runs: number }) => row.runs, isNumber: true },
  ];
  render(<DataTable label="Teams" columns={columns} rows={[{ name: "Shop", runs: 3 }]} rowKey={(row) => row.name} />);
  expect(screen.getByRole("rowheader", { name: "Shop" })).toBeTruthy();
  expect(screen.getByRole("cell", { name: "3" }).dataset.label).toBe("Runs");
});

it("shows an age that goes on", () => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00Z") });
  render(<RelativeTime at="2026-01-01T11:58:00Z" />);
  const age = () => Number.parseInt(document.querySelector("time")?.textContent ?? "", 10);
  expect(age()).toBe(2);
  act(() => vi.advanceTimersByTime(180_000));
  expect(age()).toBe(5);
});
