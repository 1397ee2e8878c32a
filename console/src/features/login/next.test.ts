import { expect, it } from "vitest";
import { safeNext } from "./next";

it("goes back to the whole earlier address", () => {
  expect(safeNext("/tower/tickets/42?risk=high#top")).toBe("/tower/tickets/42?risk=high#top");
});

it("never leaves this site", () => {
  const foreign = [
    "//evil.test",
    "https://evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "/a\n//b",
    "",
    "x",
  ];
  for (const next of foreign) expect(safeNext(next)).toBe("/");
  expect(safeNext(undefined)).toBe("/");
});

it("does not come back to itself", () => {
  expect(safeNext("/login?next=/x")).toBe("/");
});
