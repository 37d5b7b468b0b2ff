import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildAll, writeChanged } from "../build.mjs";
import { iconNames, sprite } from "../sprite.mjs";

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "medicus-assets-"));
  mkdirSync(join(folder, "css"));
  writeFileSync(join(folder, "app.ts"), 'import { greet } from "./greet";\ngreet("x" as string);\n');
  for (const name of ["efirma", "recorder", "recorder-worklet"]) writeFileSync(join(folder, `${name}.ts`), "export {};\n");
  writeFileSync(join(folder, "verificador.ts"), 'document.title = "<" + "/script> {style}";\n');
  writeFileSync(join(folder, "verificador.css"), "p { color: red; }\n");
  const policy = "<meta content=\"script-src {script-hash}; style-src {style-hash}\">";
  writeFileSync(join(folder, "verificador.html"), `${policy}<style>{style}</style><script>{script}</script>`);
  writeFileSync(join(folder, "greet.ts"), "export function greet(name: string): void { console.log(name); }\n");
  writeFileSync(join(folder, "css/10-b.css"), ".b { color: light-dark(#101010, #f0f0f0); }\n");
  writeFileSync(join(folder, "css/01-a.css"), '@font-face { font-family: "A"; src: url("/assets/atkinson.woff2"); }\n');
  writeFileSync(join(folder, "icons.txt"), "# navigation\nlock\ncheck\n");
});
after(() => rmSync(folder, { recursive: true }));

const text = (files, name) => Buffer.from(files.get(name)).toString("utf8");

test("the sources become one script, one style sheet and one sprite", async () => {
  const files = await buildAll(folder);
  assert.deepEqual([...files.keys()].sort(), [
    "app.css",
    "app.js",
    "atkinson.woff2",
    "efirma.js",
    "htmx.min.js",
    "icons.svg",
    "licenses.txt",
    "recorder-worklet.js",
    "recorder.js",
    "verificador.html",
  ]);
  assert.match(text(files, "app.js"), /console\.log/);
  assert.match(text(files, "icons.svg"), /<symbol id="i-check" viewBox="0 0 24 24"[^>]*><path d="/);
  assert.match(text(files, "licenses.txt"), /Permission to use, copy, modify/);
  assert.equal(text(files, "atkinson.woff2").slice(0, 4), "wOF2");
});

test("the verifier is one file whose policy lets in its own script and style alone", async () => {
  const html = text(await buildAll(folder), "verificador.html");
  const [, script] = /<script>([\s\S]*)<\/script>$/.exec(html);
  const [, style] = /<style>([\s\S]*)<\/style>/.exec(html);
  for (const [kind, inside] of [["script", script], ["style", style]]) {
    const hash = createHash("sha256").update(inside).digest("base64");
    assert.ok(html.includes(`${kind}-src 'sha256-${hash}'`), kind);
  }
  assert.equal(html.match(/<\/script>/g).length, 1);
  assert.match(script, /\{style\}/, "what the script says is not filled in");
});

test("style sheets keep the order of their names, their functions and their addresses", async () => {
  const css = text(await buildAll(folder), "app.css");
  assert.ok(css.indexOf("@font-face") < css.indexOf(".b{"));
  assert.match(css, /light-dark\(#101010,#f0f0f0\)/);
  assert.match(css, /url\(\/assets\/atkinson\.woff2\)/);
});

test("a file whose bytes did not change keeps its date, a stale one goes", () => {
  const out = join(folder, "dist");
  const files = new Map([["a.txt", Buffer.from("one")]]);
  assert.deepEqual(writeChanged(out, files), ["a.txt"]);
  utimesSync(join(out, "a.txt"), 1, 1);
  writeFileSync(join(out, "old.txt"), "old");
  assert.deepEqual(writeChanged(out, files), ["old.txt"]);
  assert.equal(statSync(join(out, "a.txt")).mtimeMs, 1000);
  assert.deepEqual(writeChanged(out, new Map([["a.txt", Buffer.from("two")]])), ["a.txt"]);
  assert.equal(readFileSync(join(out, "a.txt"), "utf8"), "two");
});

test("an icon that the set lacks, a doubled one and a strange name are refused", () => {
  assert.throws(() => sprite(["no-such"], () => undefined), /no "no-such"/);
  assert.throws(() => iconNames("lock\nlock\n"), /twice/);
  assert.throws(() => iconNames("../lock\n"), /no icon name/);
  assert.deepEqual(iconNames("pill # medicines\n\n# only a comment\nlock\n"), ["lock", "pill"]);
});
