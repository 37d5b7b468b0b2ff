// The code of a receta is read from its paper: random codes of the sizes that a receta with SAT's certificate has, at 0.4 mm a
// cell as `common.typ` prints them, scanned and photographed. `MEDICUS_CODES=500 node --test` looks at as many of each kind.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const CODES = Number(process.env.MEDICUS_CODES ?? 8);
const CELL_MM = 0.4;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** White cells around the code in a picture, some of them with print. */
const MARGIN = 14;
/** Looks at a pixel, each way. */
const LOOKS = 3;

let folder;
let lib;
let random;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "medicus-code-"));
  const outfile = join(folder, "lib.mjs");
  const stdin = {
    contents: `export * from "${join(here, "../../crates/web/assets/code-in-picture")}"; export { default as encodeQR } from "qr";`,
    resolveDir: here,
  };
  await esbuild.build({ stdin, bundle: true, format: "esm", outfile, nodePaths: [join(here, "../node_modules")], logLevel: "silent" });
  lib = await import(pathToFileURL(outfile));
});
after(() => rmSync(folder, { recursive: true }));

/** Numbers from 0 to 1, the same ones each time (mulberry32). */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const about = (value) => (random() * 2 - 1) * value;

/** A text as long as that of a receta of one to six medicines, and its cells. */
function code() {
  const length = 2200 + Math.floor(random() * 1200);
  let text = "MEDICUS1:";
  while (text.length < length) text += LETTERS[Math.floor(random() * LETTERS.length)];
  const bordered = lib.encodeQR(text, "raw", { ecc: "low", encoding: "alphanumeric", border: 1 });
  return { text, cells: bordered.slice(1, -1).map((row) => row.slice(1, -1)) };
}

/**
 * Pixels of a picture of the code with the print around it. `cell` is the width of a cell in pixels, `turn` in radians, `lean`
 * how much farther one edge is than the other, `bend` how many cells the paper rises, `blur` in pixels, `noise` in 255ths, and
 * `shade` how much darker one corner is.
 */
function picture(cells, { cell, turn = 0, lean = 0, bend = 0, blur = 0, noise = 0, shade = 0 }) {
  const side = cells.length;
  const width = Math.ceil((side * (Math.cos(turn) + Math.abs(Math.sin(turn))) * (1 + lean) + 2 * MARGIN) * cell);
  const [right, down, slope, rise] = [about(0.5), about(0.5), about(lean), about(lean)];
  const [cos, sin] = [Math.cos(turn) / cell, Math.sin(turn) / cell];
  const print = Array.from({ length: 400 }, () => random() < 0.4);
  const ink = (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column >= 0 && row >= 0 && column < side && row < side) return cells[row][column];
    return (y < -6 || x > side + 6) && Math.floor(y) % 3 === 0 && print[Math.floor(Math.abs(x * 2 + y * 7)) % print.length];
  };
  const light = new Float32Array(width * width);
  for (let at = 0; at < light.length; at++) {
    const [left, top] = [(at % width) - width / 2, Math.floor(at / width) - width / 2];
    let dark = 0;
    for (let look = 0; look < LOOKS * LOOKS; look++) {
      const [u, v] = [left + right + ((look % LOOKS) + 0.5) / LOOKS, top + down + (Math.floor(look / LOOKS) + 0.5) / LOOKS];
      const far = 1 + (slope * u + rise * v) / width;
      const [x, y] = [(cos * u - sin * v) / far + side / 2, (sin * u + cos * v) / far + side / 2];
      if (ink(x, y + bend * Math.sin(x / 50))) dark++;
    }
    light[at] = (235 - (210 * dark) / LOOKS ** 2) * (1 - (shade * (left + top + width)) / (2 * width));
  }
  const seen = blur > 0 ? blurred(blurred(light, width, 1, blur), width, width, blur) : light;
  const data = new Uint8ClampedArray(4 * seen.length).fill(255);
  seen.forEach((value, at) => data.fill(value + about(noise), 4 * at, 4 * at + 3));
  return { data, width, height: width };
}

function blurred(light, width, step, sigma) {
  const weights = [-3, -2, -1, 0, 1, 2, 3].map((away) => Math.exp((-away * away) / (2 * sigma * sigma)));
  const whole = weights.reduce((sum, weight) => sum + weight);
  return light.map((own, at) => weights.reduce((sum, weight, place) => sum + weight * (light[at + (place - 3) * step] ?? own), 0) / whole);
}

const scanned = (dpi) => ({ cell: (CELL_MM * dpi) / 25.4, turn: about(0.01), noise: 4 });

/** How many of so many codes are not read in pictures made so. */
function missed(how) {
  random = numbers(20);
  let wrong = 0;
  for (let n = 0; n < CODES; n++) {
    const { text, cells } = code();
    const read = lib.readCode(picture(cells, how()), Number.POSITIVE_INFINITY);
    assert.ok(read === undefined || read === text, "a text that is not that of the code");
    if (read !== text) wrong++;
  }
  if (process.env.MEDICUS_CODES) console.log(`${CODES - wrong} of ${CODES} read`);
  return wrong;
}

test("a sheet scanned at 300 dots an inch is read", () => assert.equal(missed(() => scanned(300)), 0));
test("a sheet scanned at 200 dots an inch is read", () => assert.ok(missed(() => scanned(200)) <= CODES / 100));
test("a sheet scanned at 150 dots an inch is read", () => assert.ok(missed(() => scanned(150)) <= CODES / 10));
test("a photo taken by hand is read", () => {
  const photo = () => ({ cell: 4.5 + random() * 2.5, turn: about(0.3), lean: 0.1, bend: about(0.4), blur: 0.5 + random() * 0.6, noise: 9, shade: 0.4 });
  assert.ok(missed(photo) <= CODES / 10);
});
test("a picture without a code has none", () => {
  const white = Array.from({ length: 40 }, () => Array(40).fill(false));
  random = numbers(1);
  assert.equal(lib.readCode(picture(white, { cell: 5, noise: 9 }), Number.POSITIVE_INFINITY), undefined);
});
