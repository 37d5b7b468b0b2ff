// `./dev bench parts`: the parts of a receta, measured from outside with the production build: safety checks, openFDA's labels,
// PDFs and signatures.
//
// In: MEDICUS_PROGRAM. One line a figure; one beyond its target ends with exit code 1. What is random is the same each time.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "./client.mjs";
import { startClinic, writeConfig } from "./clinic.mjs";
import { makePki, PASSWORD } from "./efirma.mjs";
import { figure, finish, quantile } from "./figures.mjs";

const PAIRS = 60_000;
const RECETAS = 4_000;
const LABELS = 4_000;
const LABEL_BYTES = 85_000;
const PDFS = 60;
const SIGNATURES = 25;

const program = process.env.MEDICUS_PROGRAM;
const root = fileURLToPath(new URL("..", import.meta.url));

/** Numbers that look random and are the same each time (Park and Miller). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Columns of the table of ingredients: INN and Spanish name. */
function medicines() {
  const lines = readFileSync(join(root, "catalogs/medicines/ingredients.tsv"), "utf8").split("\n");
  return lines.filter((line) => line && !line.startsWith("#")).slice(1).map((line) => line.split("\t"));
}

/** The milliseconds of a command on one core. */
function timed(args, input) {
  const started = performance.now();
  const ended = spawnSync("taskset", ["-c", "0", program, ...args], { input, maxBuffer: 2 ** 30 });
  if (ended.status !== 0) throw new Error(`${args.join(" ")}: ${ended.error?.message ?? ended.stderr}`);
  return performance.now() - started;
}

function benchChecks() {
  const names = medicines().map(([, spanish]) => spanish);
  const pick = numbers(7);
  const some = (count) => Array.from({ length: count }, () => names[pick(names.length)]);
  const check = (lines) => timed(["drugs", "check", "--jsonl"], `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  const start = Math.min(...[0, 1, 2].map(() => check([{ id: 0, drugs: some(2) }])));
  const pairs = check(Array.from({ length: PAIRS }, (_, id) => ({ id, drugs: some(2) }))) - start;
  figure(`pares revisados por segundo, JSON incluido, un núcleo`, (PAIRS * 1_000) / pairs, "", 10_000, true);
  const patient = { age_years: 72, sex: "mujer", weight_kg: 61, egfr: 41 };
  const ten = check(Array.from({ length: RECETAS }, (_, id) => ({ id, drugs: some(10), allergies: ["penicilina"], patient }))) - start;
  figure("receta de diez medicamentos de una paciente", ten / RECETAS, "ms", 5);
}

/** Labels as openFDA's bulk files have them, of invented text; returns the size of the file. */
function writeLabels(path) {
  const pick = numbers(11);
  const all = medicines();
  const file = openSync(path, "w");
  writeSync(file, '{"meta":{"last_updated":"2026-06-12","results":{"skip":0,"limit":1,"total":1}},"results":[');
  for (let id = 0; id < LABELS; id += 1) {
    const [inn] = all[pick(all.length)];
    const sentence = () => `Avoid concomitant use of ${inn} with ${all[pick(all.length)][0]} because exposure may increase. `;
    let interactions = "7 DRUG INTERACTIONS ";
    while (interactions.length < LABEL_BYTES / 4) interactions += sentence();
    const label = {
      set_id: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
      id: `10000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
      version: "3",
      effective_time: "20260101",
      drug_interactions: [interactions],
      contraindications: [`4 CONTRAINDICATIONS ${sentence()}`],
      clinical_pharmacology: ["x ".repeat((LABEL_BYTES * 3) / 8)],
      openfda: { generic_name: [inn.toUpperCase()], substance_name: [inn.toUpperCase()], is_original_packager: [true] },
    };
    writeSync(file, `${id ? "," : ""}${JSON.stringify(label)}`);
  }
  writeSync(file, "]}");
  closeSync(file);
  return statSync(path).size;
}

/** Runs a command to its end; how long it took, and the most memory it held, in MB of a million bytes. */
async function watched(args) {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  let most = 0;
  const look = setInterval(() => {
    try {
      const held = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
      most = Math.max(most, (Number(held?.[1] ?? 0) * 1024) / 1e6);
    } catch {
      // It has just ended.
    }
  }, 20);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${said}`);
  return { ms: performance.now() - started, most };
}

async function benchLabels(dataDirectory) {
  const folder = mkdtempSync(join(tmpdir(), "medicus-labels-"));
  const path = join(folder, "drug-label-0001-of-0001.json");
  const size = writeLabels(path);
  const { ms, most } = await watched(["--config", writeConfig(dataDirectory), "drugs", "import", "openfda", path]);
  rmSync(folder, { recursive: true });
  figure(`fichas de openFDA por segundo (${LABELS}, ${Math.round(size / 1e6)} MB)`, (LABELS * 1_000) / ms, "", 200, true);
  figure("  la mayor memoria", most, "MB", 300);
}

/** A PDF typeset again for each request: the draft of an open note. */
async function benchPdf(clinic) {
  const client = new Client(clinic.address);
  await client.signIn(clinic.logins[0]);
  const open = /href="(\/consultas\/[0-9a-f-]{36})/.exec((await client.page("/consultas")).text)?.[1];
  if (!open) throw new Error("no open consultation");
  const times = [];
  let pages = 1;
  for (let count = 0; count < PDFS; count += 1) {
    const { ms, text } = await client.page(`${open}/nota/borrador.pdf`);
    pages = Number(/\/Type\s*\/Pages[^>]*\/Count (\d+)|\/Count (\d+)/.exec(text)?.slice(1).find(Boolean) ?? 1);
    if (count >= 5) times.push(ms / pages);
  }
  client.close();
  figure(`PDF de la nota, por página (${pages}), con la consulta a la base, mediana`, quantile(times, 0.5), "ms", 50);
}

/** The whole command, key and password included, less what a command takes that does nothing. */
function benchSignature() {
  const pki = makePki();
  const file = (name) => join(pki.directory, name);
  writeFileSync(file("password"), PASSWORD);
  const keys = ["--cer", file("juana.cer"), "--key", file("juana.key"), "--password-file", file("password")];
  const rounds = (args) => quantile(Array.from({ length: SIGNATURES }, () => timed(args)), 0.5);
  const opened = rounds(["efirma", "inspect", ...keys]);
  const sign = ["sign", ...keys, "--trust", pki.trust, join(root, "testdata/pdf/receta.pdf"), file("signed.pdf")];
  const signed = rounds(sign);
  const said = execFileSync(program, ["verify", file("signed.pdf"), "--trust", pki.trust], { encoding: "utf8" });
  if (!said.includes("VÁLIDA") || said.includes("NO VÁLIDA")) throw new Error(said);
  pki.remove();
  figure("firma PAdES B-B de una receta, sin abrir la llave", Math.max(signed - opened, 0), "ms", 20);
  figure("  la orden completa, con proceso y contraseña", signed, "ms");
}

console.log(`Equipo: ${cpus()[0].model}, ${cpus().length} núcleos, Linux ${release()}`);
benchChecks();
const clinic = await startClinic("sqlite", { keep: true });
await benchPdf(clinic);
await clinic.stop();
await benchLabels(clinic.dataDirectory);
clinic.remove();
benchSignature();
finish();
