// Runs before the first paint, so that no page flashes in the wrong theme. A file of its own, because the
// content policy of the console allows no script inside the page.
(() => {
  let wish = "system";
  try {
    wish = localStorage.getItem("holly-theme") || "system";
  } catch {
    // A browser that keeps nothing gets the theme of the system.
  }
  const dark = wish === "dark" || (wish !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
