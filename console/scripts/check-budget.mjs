// Fails when a page costs more to load than was agreed: 200 KB of compressed script for the first view (shell
// and inbox), 80 KB more for any other page.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_LOAD = 200 * 1024;
const ROUTE = 80 * 1024;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, "utf8"));
const entries = Object.entries(manifest);

/** The chunk and everything it imports at once. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}
const size = (key) => gzipSync(readFileSync(dist + manifest[key].file), { level: 9 }).length;
const total = (keys) => [...keys].reduce((sum, key) => sum + size(key), 0);

const main = entries.find(([, chunk]) => chunk.isEntry)?.[0];
if (!main) throw new Error("the build has no entry");
const inbox = entries.find(([key]) => key.includes("features/inbox/InboxPage"))?.[0];
const first = closure(main);
if (inbox) for (const key of closure(inbox)) first.add(key);

let failed = false;
const report = (name, bytes, limit) => {
  failed ||= bytes > limit;
  console.log(
    `${bytes > limit ? "over" : "ok  "}  ${(bytes / 1024).toFixed(1)} of ${limit / 1024} KB  ${name}`,
  );
};
report("first view: shell and inbox", total(first), FIRST_LOAD);
for (const [key, chunk] of entries) {
  if (!chunk.isDynamicEntry || key === inbox || !chunk.file.endsWith(".js")) continue;
  const own = [...closure(key)].filter((part) => !first.has(part));
  report(chunk.file, total(own), ROUTE);
}
if (failed) process.exit(1);
