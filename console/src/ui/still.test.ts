import { describe, expect, it } from "vitest";
import { settle } from "./still";
import { windowOf } from "./useWindow";

const rows = (...ids: string[]) => ids.map((id) => ({ id }));
const ids = (list: { rows: { id: string }[] }) => list.rows.map(({ id }) => id).join("");
const of = (row: { id: string }) => row.id;

describe("a list that is in use", () => {
  it("does not move when rows arrive or change places", () => {
    const list = settle(["a", "b", "c"], rows("d", "c", "a", "b"), of, true);
    expect(ids(list)).toBe("abc");
    expect(list.arrivals).toBe(1);
  });

  it("takes older rows at its end", () => {
    expect(ids(settle(["a", "b"], rows("a", "b", "c", "d"), of, true))).toBe("abcd");
  });

  it("lets go of what is gone", () => {
    expect(ids(settle(["a", "b"], rows("b"), of, true))).toBe("b");
  });

  it("starts anew when nobody uses it, or nothing was shown yet", () => {
    expect(ids(settle(["a"], rows("b", "a"), of, false))).toBe("ba");
    expect(ids(settle(null, rows("b", "a"), of, true))).toBe("ba");
  });
});

describe("a long list", () => {
  it("draws only what is near the window, and keeps its length", () => {
    const shown = windowOf(10_000, 36, 36_000, 900);
    expect(shown.to - shown.from).toBeLessThan(60);
    expect(shown.from).toBeLessThanOrEqual(1_000);
    expect(shown.above + shown.below + (shown.to - shown.from) * 36).toBe(360_000);
  });

  it("draws a short one whole", () => {
    expect(windowOf(100, 36, 0, 900)).toEqual({ from: 0, to: 100, above: 0, below: 0 });
  });

  it("stays inside its ends", () => {
    expect(windowOf(200, 36, 99_999, 900)).toMatchObject({ to: 200, below: 0 });
  });
});
