import { expect, it } from "vitest";
import { targetsOf } from "./paletteTargets";

const paths = (text: string) => targetsOf(text).map((target) => target.to);

it("knows a run by its id, with or without the prefix", () => {
  expect(paths("run_00aa11bb22cc33dd")).toEqual(["/tower/runs/run_00aa11bb22cc33dd"]);
  expect(paths(" 00AA11BB22CC33DD ")).toContain("/tower/runs/run_00aa11bb22cc33dd");
});

it("takes a number for a ticket, and for an order when it is long enough", () => {
  expect(paths("42")).toEqual(["/tower/tickets/42"]);
  expect(paths("1042")).toEqual(["/orders?q=1042", "/tower/tickets/1042"]);
  expect(paths("#1042")).toEqual(["/orders?q=%231042"]);
});

it("offers nothing for plain words", () => {
  expect(paths("hello")).toEqual([]);
  expect(paths("")).toEqual([]);
});
