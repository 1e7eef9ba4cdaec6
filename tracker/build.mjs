/** Build the scripts that the collector serves, and the package's modules: `node build.mjs [FOLDER]`. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = import.meta.dirname;
const SERVED = process.argv[2] ?? join(HERE, "..", "ingestion", "collector", "http");
const SMALL = { ecma: 2020, compress: { passes: 4, unsafe: true, unsafe_arrows: true, pure_getters: true, keep_fargs: false, toplevel: true }, mangle: { toplevel: true } };
const common = { absWorkingDir: HERE, bundle: true, minify: true, mangleProps: /[a-z]_$/, charset: "utf8", legalComments: "none" };

/** Of all that decides the built files. The Python tests calculate it as well, without node. */
function sourcesHash() {
  const sources = readdirSync(join(HERE, "src")).sort().map((name) => join("src", name));
  const hash = createHash("sha256");
  for (const name of [...sources, "build.mjs", "package-lock.json"]) hash.update(readFileSync(join(HERE, name)));
  return hash.digest("hex").slice(0, 16);
}

const about = (title) => `/* Footfall's tracker${title} ${sourcesHash()}, Apache-2.0 */`;

async function buildServed(entry, name, format, title) {
  const options = { ...common, entryPoints: [`src/${entry}.ts`], format, target: "es2022", write: false };
  const { outputFiles } = await build(options);
  const smaller = await minify(outputFiles[0].text, SMALL);
  writeFileSync(join(SERVED, name), `${about(title)}\n${smaller.code}\n`);
}

await buildServed("script", "tracker.js", "iife", "");
await buildServed("core", "tracker.core.js", "iife", ".core");
await buildServed("vitals", "tracker.vitals.js", "esm", ", web-vitals by Google");
if (!process.argv[2]) {
  await build({
    ...common,
    entryPoints: ["src/index.ts", "src/react.tsx"],
    format: "esm",
    target: "es2022",
    splitting: true,
    outdir: "dist",
    external: ["react", "react/jsx-runtime", "web-vitals"],
  });
}
