// What is on the disk of a practice that was used: two hundred clinical words that everybody who may can read on the pages, and
// that a thief finds nowhere, not in the database and its log, the files, a back-up, what was left in the folder for
// temporary files, or what the program said.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveClinic, writeConfig } from "./clinic.mjs";
import { Visitor } from "./forms.mjs";
import { beginVisit, bringFile, goOn, newPatient, setUp } from "./practice.mjs";

const WORDS = 200;
const STEPS = 60;

/** Long words of titles of ICD-11, each once. */
function clinicalWords() {
  const core = readFileSync(fileURLToPath(new URL("../catalogs/icd11/core.tsv", import.meta.url)), "utf8").toLowerCase();
  const words = new Set(core.match(/\p{L}{12,}/gu));
  return [...words].sort().filter((_, at) => at % Math.floor(words.size / WORDS) === 0).slice(0, WORDS);
}

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

/** The words that lie in clear in a file of these folders, and how many files were read. */
function scan(folders, words) {
  const found = [];
  let files = 0;
  for (const path of folders.flatMap((folder) => [...filesUnder(folder)])) {
    files += 1;
    const bytes = readFileSync(path);
    // As UTF-8 and as UTF-16, in any case.
    for (const text of [bytes.toString("utf8").toLowerCase(), bytes.toString("utf16le").toLowerCase()]) {
      found.push(...words.filter((word) => text.includes(word)).map((word) => `${word} in ${path}`));
    }
  }
  return { files, found };
}

/** Uses a practice, kills it, looks at the disk. `place` is an empty folder; the practice stays in it for who goes on. */
export async function stealDisk(place, database) {
  const words = clinicalWords();
  assert.equal(words.length, WORDS);
  const [data, temporary, copies] = ["datos", "temporal", "copias"].map((name) => join(place, name));
  mkdirSync(temporary);
  // An open mask is the worst a shell may hand over: the program closes its folders itself.
  const before = process.umask(0);
  const server = await serveClinic(data, database, { env: { TMPDIR: temporary, MEDICUS_LOG: "debug,sqlx=error" } });
  process.umask(before);
  try {
    return await useAndSteal(server, { data, temporary, copies, database, words });
  } finally {
    await server.stop();
  }
}

async function useAndSteal(server, { data, temporary, copies, database, words }) {
  const visitor = await setUp(server.address);
  const { record, name } = await newPatient(visitor, 1);
  const lines = Array.from({ length: WORDS / 10 }, (_, at) => words.slice(at * 10, at * 10 + 10).join(", "));
  const visit = await beginVisit(visitor, record, lines.map((line) => `P: Me dijeron que tengo ${line}.`).join("\n"));
  const seen = (await visitor.open(visit)).toLowerCase();
  assert.deepEqual(words.filter((word) => !seen.includes(word)), [], "a word that nobody can read proves nothing");
  let signed;
  for (let step = 0; step < STEPS && !signed; step += 1) {
    ({ signed } = await goOn(visitor, visit, `Se explica ${lines[step % lines.length]}.`));
  }
  assert.ok(signed, "the note was not signed");
  const file = await bringFile(visitor, record, `%PDF-1.7 ${words.join(" ")}`);
  assert.match((await visitor.open(`${file}/contenido`)).toLowerCase(), new RegExp(words[0], "u"));
  await visitor.client.send("/buscar", { q: words[3] });
  await refuseStrangeLines(server);
  visitor.client.close();

  assert.match(readFileSync(`/proc/${server.pid}/limits`, "utf8"), /Max core file size +0 +0 /u);
  const made = execFileSync(process.env.MEDICUS_PROGRAM, ["--config", writeConfig(data, database), "backup", "create", copies], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: temporary },
  });
  const sought = [...words, name.toLowerCase()];
  const running = scan([data, temporary, copies], sought);
  process.kill(server.pid, "SIGKILL");
  await server.stop();
  const killed = scan([data, temporary, copies], sought);
  assert.deepEqual([...running.found, ...killed.found], []);
  assert.ok(killed.files >= (database ? 4 : 5), `${killed.files} files`);
  const said = `${server.output()}${made}`.toLowerCase();
  assert.deepEqual(sought.filter((word) => said.includes(word)), [], "in what the program said");
  for (const path of [data, ...filesUnder(data)]) {
    if (path === data || path.endsWith(".key")) {
      assert.equal(statSync(path).mode & 0o077, 0, `${path} can be read by others`);
    }
  }
  return { words: WORDS, files: running.files + killed.files };
}

/** What somebody outside says begins no line of the log. */
async function refuseStrangeLines(server) {
  const stranger = new Visitor(server.address);
  const line = "\n2026-01-01T00:00:00Z  INFO web: intruso dentro";
  await stranger.client.send(`/entrar?volver=${encodeURIComponent(line)}`);
  await stranger.client.send("/entrar", { usuario: `nadie${line}`, contrasena: `mala${line}`, _volver: line });
  await stranger.client.send(`/documentos/${encodeURIComponent(line)}`);
  stranger.client.close();
  assert.ok(!server.output().split("\n").some((one) => one.startsWith("2026-01-01T00:00:00Z")), "a line of the log was forged");
}
