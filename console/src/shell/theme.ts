import { Cell, useCell } from "@/api/cell";

export type ThemeWish = "system" | "dark" | "light";

/** Kept under the name that public/theme.js reads before the first paint. */
const KEY = "holly-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const stored = localStorage.getItem(KEY);
const wish = new Cell<ThemeWish>(stored === "dark" || stored === "light" ? stored : "system");

function apply(): void {
  const dark = wish.get() === "dark" || (wish.get() === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

system.addEventListener("change", apply);

export const useThemeWish = (): ThemeWish => useCell(wish);

export function setThemeWish(value: ThemeWish): void {
  localStorage.setItem(KEY, value);
  wish.set(value);
  apply();
}

/** From what is seen to its opposite. */
export function toggleTheme(): void {
  setThemeWish(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}
