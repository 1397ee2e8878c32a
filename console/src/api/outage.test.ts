import { expect, it } from "vitest";
import { currentOutage, noteAnswer, noteOutage } from "./outage";

it("lasts until every question that failed is answered again", () => {
  noteAnswer("/a", 1_000);
  noteOutage("/a", 2_000);
  noteOutage("/b", 2_500);
  expect(currentOutage()).toEqual({ since: 2_000, lastAnswer: 1_000 });
  noteAnswer("/c", 3_000);
  noteAnswer("/a", 4_000);
  expect(currentOutage()).not.toBeNull();
  noteAnswer("/b", 5_000);
  expect(currentOutage()).toBeNull();
});

it("forgets a question that nobody asks any more", () => {
  noteOutage("/gone", 10_000);
  noteAnswer("/a", 29_000);
  expect(currentOutage()).not.toBeNull();
  noteAnswer("/a", 31_000);
  expect(currentOutage()).toBeNull();
});
