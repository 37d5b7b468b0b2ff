// Says what the stand-alone verifier finds behind the first signature of the PDF `judged.pdf` of this folder. In: the address of
// the front-end's sources, and of its packages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [sources, packages] = process.argv.slice(2);
const esbuild = createRequire(join(packages, "package.json"))("esbuild");
const outfile = join(process.cwd(), "later.mjs");
await esbuild.build({ entryPoints: [join(sources, "later.ts")], bundle: true, format: "esm", outfile, logLevel: "silent" });
const { later } = await import(pathToFileURL(outfile));
const text = readFileSync("judged.pdf", "latin1");
const [, , next, rest] = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(text).slice(1).map(Number);
process.stdout.write(later(text, next + rest));
