// Builds the front-end files that the program embeds, into `dist/`.
//
// In: TypeScript, CSS and the list of icons from `crates/web/assets`, and the packages of the lock file.
// Out: app.js, efirma.js, recorder.js, recorder-worklet.js, app.css, htmx.min.js, icons.svg, atkinson.woff2, verificador.html, licenses.txt. Nothing else may lie in `dist/`.
// A file is written only when its bytes changed, so that cargo does not rebuild for nothing.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { iconNames, sprite } from "./sprite.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");

/** What is copied as it is: name in `dist/` -> path in the package. */
const COPIED = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "atkinson.woff2":
    "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
};

/** The licences of what ends up in the program: name -> path of its text. */
const LICENSES = {
  "htmx (0BSD)": "htmx.org/LICENSE",
  "des.js (MIT)": "des.js/README.md",
  "qr (MIT OR Apache-2.0)": "qr/LICENSE",
  "inherits (ISC)": "inherits/LICENSE",
  "minimalistic-assert (ISC)": "minimalistic-assert/LICENSE",
  "Lucide (ISC)": "lucide-static/LICENSE",
  "Atkinson Hyperlegible Next (SIL OFL 1.1)": "@fontsource-variable/atkinson-hyperlegible-next/LICENSE",
};

/**
 * Every file of `dist/`, by name.
 *
 * @param {string} sources the folder with app.ts, efirma.ts, verificador.*, icons.txt and css/
 * @returns {Promise<Map<string, Uint8Array>>}
 */
export async function buildAll(sources) {
  const files = new Map();
  files.set("app.js", await script(join(sources, "app.ts")));
  files.set("efirma.js", await script(join(sources, "efirma.ts")));
  files.set("recorder.js", await script(join(sources, "recorder.ts")));
  files.set("recorder-worklet.js", await script(join(sources, "recorder-worklet.ts")));
  files.set("app.css", await styles(join(sources, "css")));
  files.set("verificador.html", await alone(sources, "verificador"));
  const names = iconNames(readFileSync(join(sources, "icons.txt"), "utf8"));
  files.set("icons.svg", Buffer.from(sprite(names, (name) => readIcon(name))));
  for (const [name, path] of Object.entries(COPIED)) files.set(name, readFileSync(join(packages, path)));
  files.set("licenses.txt", Buffer.from(licenses()));
  return files;
}

/**
 * One file of HTML that needs no other: its script and style stand inside, and its policy lets in nothing but them.
 *
 * @param {string} sources
 * @param {string} name of NAME.html, NAME.ts and NAME.css
 */
async function alone(sources, name) {
  const read = (kind) => readFileSync(join(sources, `${name}.${kind}`), "utf8");
  // What would end the element early is written so that it does not.
  const code = Buffer.from(await script(join(sources, `${name}.ts`)))
    .toString("utf8")
    .replaceAll("</script", "<\\/script")
    .trim();
  const style = (await esbuild.transform(read("css"), { loader: "css", minify: true })).code.trim();
  const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const parts = { script: code, style, "script-hash": hash(code), "style-hash": hash(style) };
  return Buffer.from(read("html").replace(/\{(script|style|script-hash|style-hash)\}/g, (_, part) => parts[part]));
}

async function script(entry) {
  const result = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    nodePaths: [packages],
    legalComments: "none",
    logLevel: "silent",
  });
  return result.outputFiles[0].contents;
}

/** The style sheets in the order of their names, as one. Addresses inside them stay as written. */
async function styles(folder) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".css"))
    .sort();
  if (names.length === 0) throw new Error(`${folder}: no .css file`);
  const css = names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const result = await esbuild.transform(css, { loader: "css", minify: true, legalComments: "none" });
  if (result.warnings.length > 0) {
    const text = await esbuild.formatMessages(result.warnings, { kind: "warning" });
    throw new Error(text.join("\n"));
  }
  return Buffer.from(result.code);
}

function readIcon(name) {
  const path = join(packages, "lucide-static/icons", `${name}.svg`);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function licenses() {
  return Object.entries(LICENSES)
    .map(([name, path]) => `${name}\n${"=".repeat(name.length)}\n\n${readFileSync(join(packages, path), "utf8").trim()}\n`)
    .join("\n\n");
}

/** Writes what changed and removes what no longer belongs; returns the names of both. */
export function writeChanged(folder, files) {
  mkdirSync(folder, { recursive: true });
  const changed = [];
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    if (existsSync(path) && readFileSync(path).equals(bytes)) continue;
    writeFileSync(path, bytes);
    changed.push(name);
  }
  for (const name of readdirSync(folder)) {
    if (files.has(name)) continue;
    rmSync(join(folder, name), { recursive: true });
    changed.push(name);
  }
  return changed;
}

async function main() {
  const files = await buildAll(join(here, "../crates/web/assets"));
  const changed = writeChanged(join(here, "dist"), files);
  const sizes = [...files].map(([name, bytes]) => {
    const mark = changed.includes(name) ? "*" : " ";
    return `  ${mark} ${name.padEnd(16)} ${kilobytes(bytes.length)} kB, ${kilobytes(gzipSync(bytes).length)} kB gzip`;
  });
  console.log(sizes.join("\n"));
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(1).padStart(6);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`web-assets: ${error.message}`);
    process.exitCode = 1;
  });
}
