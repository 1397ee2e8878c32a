import { expect, it } from "vitest";
import { nameOf } from "./keys";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

it("writes a key the way shortcuts are listed", () => {
  expect(press("j")).toBe("j");
  expect(press("X", { shiftKey: true })).toBe("shift+x");
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press(" ")).toBe("Space");
});

it("never mistakes a chord of the browser for a single key", () => {
  expect(press("r", { ctrlKey: true })).toBe("mod+r");
  expect(press("a", { metaKey: true })).toBe("mod+a");
  expect(press("a", { altKey: true })).toBeNull();
});
