// Fails when src/api/schema.d.ts is not what the OpenAPI document says.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
if (!existsSync(at("../tooling/node_modules"))) {
  execFileSync("npm", ["--prefix", at("../tooling"), "ci"], { stdio: "inherit" });
}
const wanted = execFileSync(process.execPath, [at("../tooling/generate.mjs"), "--print"], {
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
if (wanted !== readFileSync(at("../src/api/schema.d.ts"), "utf8")) {
  console.error("src/api/schema.d.ts is out of date: run `npm run types` and commit the result.");
  process.exit(1);
}
