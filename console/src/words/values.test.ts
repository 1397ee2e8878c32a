import { describe, expect, it } from "vitest";
import { formatAmount, formatMinor, formatSigned } from "./money";
import { formatCountdown, formatDuration, formatRelative, formatSpan } from "./time";

describe("money", () => {
  it("has two places, four under one cent", () => {
    expect(formatAmount(24.4, "USD")).toBe("24.40 USD");
    expect(formatAmount(0.000717, "USD")).toBe("0.0007 USD");
    expect(formatAmount(0)).toBe("0.00");
  });

  it("shows what leaves with a real minus sign, what comes in with a plus", () => {
    expect(formatSigned(-24.4)).toBe("−24.40");
    expect(formatSigned(120, "USD")).toBe("+120.00 USD");
    expect(formatSigned(0)).toBe("0.00");
  });

  it("knows currencies without hundredths", () => {
    expect(formatMinor(1299, "USD")).toBe("12.99 USD");
    expect(formatMinor(1299, "JPY")).toBe("1299 JPY");
    expect(formatMinor(1299, "KWD")).toBe("1.30 KWD");
  });

  it("groups thousands only where they are hard to read without", () => {
    expect(formatAmount(9999.5)).toBe("9999.50");
    expect(formatAmount(12345.6)).toBe("12,345.60");
  });
});

describe("time", () => {
  const minute = 60_000;

  it("is told in its largest sensible unit", () => {
    expect([500, 12_000, 12 * minute, 5 * 60 * minute, 80 * 60 * minute].map(formatSpan)).toEqual([
      "0 s",
      "12 s",
      "12 min",
      "5 h",
      "3 d",
    ]);
  });

  it("is relative in both directions", () => {
    expect(formatRelative(0, 3 * minute)).toBe("3 min ago");
    expect(formatRelative(23 * 60 * minute, 0)).toBe("in 23 h");
    expect(formatRelative(0, 2_000)).toBe("just now");
  });

  it("counts down calmly, in seconds only at the end", () => {
    expect(formatCountdown(23.9 * 60 * minute)).toBe("23 h left");
    expect(formatCountdown(90 * minute)).toBe("90 min left");
    expect(formatCountdown(45_200)).toBe("46 s left");
    expect(formatCountdown(-1)).toBe("expired");
  });

  it("gives durations the precision that helps", () => {
    expect([5, 2_430, 45_000, 72_000, 3_720_000].map(formatDuration)).toEqual([
      "5 ms",
      "2.4 s",
      "45 s",
      "1 m 12 s",
      "1 h 2 m",
    ]);
  });
});
