/** Build the scripts that the collector serves, and the package's modules: `node build.mjs [FOLDER]`. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const HERE = import.meta.dirname;
const SERVED = process.argv[2] ?? join(HERE, "..", "ingestion", "collector", "http");
const common = { absWorkingDir: HERE, bundle: true, minify: true, charset: "utf8", legalComments: "none" };

/** Of all that decides the built files. The Python tests calculate it as well, without node. */
function sourcesHash() {
  const sources = readdirSync(join(HERE, "src")).sort().map((name) => join("src", name));
  const hash = createHash("sha256");
  for (const name of [...sources, "build.mjs", "package-lock.json"]) hash.update(readFileSync(join(HERE, name)));
  return hash.digest("hex").slice(0, 16);
}

async function buildServed(entry, name, format, about) {
  const banner = { js: `/* Footfall's tracker, ${about}. Built from tracker/ of sources ${sourcesHash()}; Apache-2.0. */` };
  const options = { ...common, entryPoints: [`src/${entry}.ts`], format, banner, target: "es2022", write: false };
  const { outputFiles } = await build(options);
  writeFileSync(join(SERVED, name), outputFiles[0].contents);
}

await buildServed("script", "tracker.js", "iife", "the whole");
await buildServed("core", "tracker.core.js", "iife", "without what it watches by itself");
await buildServed("vitals", "tracker.vitals.js", "esm", "its web vitals (with web-vitals by Google, Apache-2.0)");
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
