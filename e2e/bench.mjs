// `./dev bench`: speed and memory of the production build, from outside, as a clinic would feel them.
//
// In: MEDICUS_PROGRAM, MEDICUS_LARGE_RECORD, MEDICUS_LARGE_AGENDA. Prints the machine and one line a figure; a figure above its target ends with exit code 1.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "./client.mjs";
import { serveClinic, startClinic, writeConfig } from "./clinic.mjs";
import { figure, finish, quantile } from "./figures.mjs";

const WORDS_OF_15_MINUTES = 2_500;
const PAGE_REQUESTS = 300;
const STARTS = 5;
const SCRIBE_RUNS = 15;
const MENTIONS = 1_000;

/** The targets of the design, where it sets one. */
const TARGET = { scribeMs: 300, chartP99Ms: 200, startMs: 1_000, restMb: 150, mentionsMs: 2_000, searchMs: 20, releaseMb: 200, slotsMs: 50 };

const program = process.env.MEDICUS_PROGRAM;
function machine() {
  const [cpu] = cpus();
  console.log(`Equipo: ${cpu.model}, ${cpus().length} núcleos, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}`);
  console.log(`Programa: ${(statSync(program).size / 1e6).toFixed(1)} MB`);
}

/** Resident memory of a process, in MB of a million bytes. */
function residentMb(pid) {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1];
  return (Number(kib) * 1024) / 1e6;
}

/** Turns of the repository's consultations, one after the other, until they make 15 minutes of talk. */
function longTranscript() {
  const folder = fileURLToPath(new URL("../testdata/consultations/", import.meta.url));
  const turns = [];
  let words = 0;
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
    for (const { speaker, text } of JSON.parse(readFileSync(join(folder, name), "utf8")).turns) {
      if (words >= WORDS_OF_15_MINUTES) return { turns, words };
      turns.push({ speaker, text });
      words += text.split(/\s+/).length;
    }
  }
  return { turns, words };
}

/** The whole command on one core, from a cold process to the printed note. */
function benchScribe() {
  const { turns, words } = longTranscript();
  const folder = mkdtempSync(join(tmpdir(), "medicus-bench-"));
  const file = join(folder, "consulta.json");
  writeFileSync(file, JSON.stringify({ turns }));
  const times = [];
  for (let run = 0; run < SCRIBE_RUNS; run += 1) {
    const started = performance.now();
    const ended = spawnSync("taskset", ["-c", "0", program, "scribe", file, "--format", "note"], { encoding: "utf8" });
    times.push(performance.now() - started);
    if (ended.status !== 0) throw new Error(`scribe: ${ended.error?.message ?? ended.stderr}`);
  }
  rmSync(folder, { recursive: true });
  figure(`transcripción de ${words} palabras a borrador, mediana`, quantile(times, 0.5), "ms", TARGET.scribeMs);
  figure("  la más lenta", Math.max(...times), "ms");
}

/** Diagnoses as they are said: a thousand, those of the tests as often as it takes. */
function mentions() {
  const table = fileURLToPath(new URL("../testdata/cie11/precisas.tsv", import.meta.url));
  const said = readFileSync(table, "utf8").split("\n").slice(1).filter(Boolean).map((line) => line.split("\t")[0]);
  return Array.from({ length: MENTIONS }, (_, id) => ({ id, text: said[id % said.length] }));
}

/** Codes for a thousand diagnoses, the whole command on one core. */
function benchCoding() {
  const input = mentions().map((mention) => JSON.stringify(mention)).join("\n");
  const started = performance.now();
  const ended = spawnSync("taskset", ["-c", "0", program, "icd", "code", "--jsonl"], { input, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (ended.status !== 0) throw new Error(`icd code: ${ended.error?.message ?? ended.stderr}`);
  figure(`${MENTIONS} diagnósticos codificados en un núcleo`, performance.now() - started, "ms", TARGET.mentionsMs);
}

/** Codes looked for while they are typed: the answer of the server to each further letter. */
async function benchCodeSearch(client, name) {
  const open = /href="(\/consultas\/[0-9a-f-]{36})[^"]*"/.exec((await client.page("/consultas")).text)?.[1];
  if (!open) return;
  const item = /name="oracion" value="([^"]+)"/.exec((await client.page(open)).text)?.[1];
  if (!item) return;
  const times = [];
  for (const { text } of mentions().slice(0, 50)) {
    for (let length = 3; length <= Math.min(text.length, 12); length += 3) {
      const words = encodeURIComponent(text.slice(0, length));
      times.push((await client.page(`${open}/cie?oracion=${item}&documento=nota&q=${words}`)).ms);
    }
  }
  figure(`códigos buscados al escribir, ${name}, mediana`, quantile(times, 0.5), "ms", TARGET.searchMs);
  figure("  p99", quantile(times, 0.99), "ms");
}

/** The whole release of WHO's, where it is at hand: what the server holds, and how fast it finds a code. */
async function benchRelease(directory, login) {
  const folder = fileURLToPath(new URL("../../shared/data/icd11/", import.meta.url));
  const names = ["SimpleTabulation-ICD-11-MMS-es.zip", "SimpleTabulation-ICD-11-MMS-en.zip", "11To10MapToOneCategory.txt", "10To11MapToOneCategory.txt", "10To11MapToMultipleCategories.txt"];
  const files = names.map((name) => join(folder, name));
  if (!files.every((file) => existsSync(file))) {
    console.log("La edición completa de la CIE-11 no está a la mano: no se mide.");
    return;
  }
  const started = performance.now();
  const ended = spawnSync(program, ["--config", writeConfig(directory), "icd", "import", ...files], { encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`icd import: ${ended.error?.message ?? ended.stderr}`);
  figure("edición completa importada", performance.now() - started, "ms");
  const served = await serveClinic(directory);
  const client = new Client(served.address);
  await client.signIn(login);
  await benchCodeSearch(client, "edición completa");
  figure("memoria con la edición completa", residentMb(served.pid), "MB", TARGET.releaseMb);
  client.close();
  await served.stop();
}

async function timePage(client, path) {
  const times = [];
  let size = 0;
  for (let count = 0; count < PAGE_REQUESTS; count += 1) {
    const { ms, text } = await client.page(path);
    times.push(ms);
    size = text.length;
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), kilobytes: size / 1000 };
}

async function benchPage(client, name, path, target) {
  const { p50, p99, kilobytes } = await timePage(client, path);
  figure(`${name} (${kilobytes.toFixed(0)} kB), mediana`, p50, "ms");
  figure("  p99", p99, "ms", target);
}

/** The chart with most entries among those the list of patients shows. */
async function longestChart(client) {
  const { text } = await client.page("/pacientes");
  const paths = new Set([...text.matchAll(/href="(\/pacientes\/[0-9a-f-]{36})"/g)].map((found) => found[1]));
  let longest = { path: undefined, entries: -1 };
  for (const path of paths) {
    const chart = await client.page(path);
    const entries = Number(/([\d,]+) entradas?</.exec(chart.text)?.[1].replace(/,/g, "") ?? 0);
    if (entries > longest.entries) longest = { path, entries };
  }
  return longest;
}

async function benchPages(clinic) {
  const client = new Client(clinic.address);
  await client.signIn(clinic.logins[0]);
  await benchPage(client, "Hoy", "/hoy");
  const { path, entries } = await longestChart(client);
  if (path) await benchPage(client, `expediente de ${entries} entradas`, path);
  const open = /href="(\/consultas\/[0-9a-f-]{36}[^"]*)"/.exec((await client.page("/consultas")).text)?.[1];
  if (open) await benchPage(client, "consulta con borrador", open);
  await benchCodeSearch(client, "catálogo incluido");
  client.close();
}

/** From the start of the process to the first page, on a database that is already there. */
async function benchStart(directory) {
  const times = [];
  for (let count = 0; count < STARTS; count += 1) {
    const served = await serveClinic(directory);
    const client = new Client(served.address);
    await client.page("/entrar");
    times.push(served.elapsedMs());
    client.close();
    if (count === STARTS - 1) {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      figure("memoria en reposo", residentMb(served.pid), "MB", TARGET.restMb);
    }
    await served.stop();
  }
  figure("de arrancar a la primera página, mediana", quantile(times, 0.5), "ms", TARGET.startMs);
}

/** The chart of a record with a thousand more signed consultations, as the server answers it. */
async function benchLargeChart(directory, login) {
  const filled = spawnSync(process.env.MEDICUS_LARGE_RECORD, [directory, "1000"], { encoding: "utf8" });
  if (filled.status !== 0) throw new Error(`large_record: ${filled.error?.message ?? filled.stderr}`);
  const served = await serveClinic(directory);
  const client = new Client(served.address);
  await client.signIn(login);
  await benchPage(client, "expediente de más de 1,000 consultas", `/pacientes/${filled.stdout.trim()}`, TARGET.chartP99Ms);
  client.close();
  await served.stop();
}

/** Free hours of twenty physicians for a month, in a network with ten thousand visits a day. */
function benchAgenda() {
  const ended = spawnSync(process.env.MEDICUS_LARGE_AGENDA, { encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`large_agenda: ${ended.error?.message ?? ended.stderr}`);
  figure("horas libres de 20 médicos en un mes, con 10,000 citas al día, la más lenta", Number(ended.stdout), "ms", TARGET.slotsMs);
}

async function main() {
  machine();
  benchAgenda();
  benchScribe();
  benchCoding();
  const clinic = await startClinic("sqlite", { keep: true });
  try {
    await benchPages(clinic);
    figure("memoria después de servir páginas", residentMb(clinic.pid), "MB");
    await clinic.stop();
    await benchStart(clinic.dataDirectory);
    await benchLargeChart(clinic.dataDirectory, clinic.logins[0]);
    await benchRelease(clinic.dataDirectory, clinic.logins[0]);
  } finally {
    await clinic.stop();
    clinic.remove();
  }
  finish();
}

await main();
