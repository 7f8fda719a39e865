import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { useFollow } from "@/hooks/use-follow";

const at = (edge: Partial<DOMRect>) => ({ current: { getBoundingClientRect: () => edge } as HTMLDivElement });
const FOOTER = 700;
const scrollBy = vi.fn();

/** Follows an end that is where `bottom` says, on a screen whose footer begins at 700. */
function follow(bottom: number) {
  const place = { bottom };
  const hook = renderHook(({ revision, isOn }) => useFollow(revision, isOn), { initialProps: { revision: 0, isOn: false } });
  hook.result.current.end.current = at(place as DOMRect).current;
  hook.result.current.footer.current = at({ top: FOOTER }).current;
  act(() => void dispatchEvent(new Event("scroll")));
  const grow = (to: number, revision: number) => {
    place.bottom = to;
    hook.rerender({ revision, isOn: true });
  };
  return { ...hook, grow };
}

beforeEach(() => {
  scrollBy.mockReset();
  vi.stubGlobal("scrollBy", scrollBy);
  vi.stubGlobal("scrollTo", vi.fn());
});

it("keeps the end above the footer for who is there", () => {
  const { grow } = follow(690);
  grow(760, 1);
  expect(scrollBy).toHaveBeenCalledWith({ top: 60 });
});

it("lets go of who has scrolled up, and says that there is more", () => {
  const { grow, result } = follow(1500);
  grow(1600, 1);
  expect(scrollBy).not.toHaveBeenCalled();
  expect(result.current.isBehind).toBe(true);
});

it("does not pull back who reads on below the end", () => {
  const { grow, result } = follow(200);
  grow(240, 1);
  expect(scrollBy).not.toHaveBeenCalled();
  expect(result.current.isBehind).toBe(false);
});
