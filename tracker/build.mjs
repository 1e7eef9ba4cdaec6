/** Build the scripts that the collector serves, and the package's modules: `node build.mjs [package | served FOLDER]`. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = dirname(fileURLToPath(import.meta.url));
const common = { absWorkingDir: HERE, bundle: true, minify: true, target: "es2022", charset: "utf8", mangleProps: /[a-z]_$/ };
const compress = { passes: 4, unsafe: true, unsafe_arrows: true, pure_getters: true, keep_fargs: false, toplevel: true };

/** Of all that decides the built files. tests/tracker/test_build.py calculates it as well, without node. */
function sourcesHash() {
  const sources = readdirSync(join(HERE, "src"), { recursive: true }).filter((name) => /\.tsx?$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const name of [...sources.map((name) => join("src", name)), "build.mjs", "package-lock.json"]) hash.update(readFileSync(join(HERE, name)));
  return hash.digest("hex").slice(0, 12);
}

async function buildServed(folder) {
  for (const [entry, name, format, title] of [
    ["script", "tracker.js", "iife", ""],
    ["core", "tracker.core.js", "iife", ".core"],
    ["whole/vitals", "tracker.vitals.js", "esm", ", web-vitals by Google"],
  ]) {
    // Without tsconfig.json no directive "use strict" is written: a browser's refusal may be silent here, where it is an
    // error in the package. The script looks whether what it keeps is there (src/core/store.ts), and test/page.mjs builds alike.
    const { outputFiles } = await build({ ...common, entryPoints: [`src/${entry}.ts`], format, write: false, tsconfigRaw: {} });
    const { code } = await minify(outputFiles[0].text, { ecma: 2020, compress, mangle: { toplevel: true } });
    writeFileSync(join(folder, name), `/* Footfall's tracker${title} ${sourcesHash()}, Apache-2.0 */\n${code}\n`);
  }
}

async function buildPackage() {
  rmSync(join(HERE, "dist"), { recursive: true, force: true });
  mkdirSync(join(HERE, "dist"));
  const external = ["react", "react/jsx-runtime"];
  const entryPoints = ["src/index.ts", "src/react.tsx"];
  await build({ ...common, entryPoints, external, format: "esm", splitting: true, outdir: "dist" });
}

const [what, folder] = process.argv.slice(2);
if (what !== "package") await buildServed(folder ?? join(HERE, "..", "ingestion", "collector", "http"));
if (what !== "served") await buildPackage();
