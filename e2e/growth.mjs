// `./dev growth MINUTES`: three servers and four workers on one PostgreSQL, one of them killed with SIGKILL every few seconds, while
// people write, sign, book, bring files, record, bring sound and are written to, and back-ups are made. In the end nothing that was
// acknowledged is lost, nothing was done twice and nothing is stuck.
//
// In: MEDICUS_PROGRAM with `medicus-speech` beside it, MEDICUS_SPEECH_MODEL, MEDICUS_FAKE_WHATSAPP, MEDICUS_TEST_POSTGRES. The
// clock of the machines is faketime's: a morning, then the evening of the next day, when reminders go out.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDatabase, psql } from "./clinic.mjs";
import { accountLines, freePort, startFakeWhatsApp, writeSecrets } from "./fake-whatsapp.mjs";
import { formOf, Visitor } from "./forms.mjs";
import { Crowd } from "./growth-load.mjs";
import { Network } from "./network.mjs";
import { backUp } from "./power-cut.mjs";
import { enter, publishNotice, setUp } from "./practice.mjs";

const [SERVERS, WORKERS] = [3, 4];
const BACKUP_EVERY_MS = 45_000;
/** So long nothing at all may change while work is left; the longest hold of a job is two minutes. */
const STILL_MS = 240_000;
const MORNING = Date.parse("2026-04-14T10:00:00-06:00");
/** When nobody is too early to be reminded of what is the day after, and it is not yet night. */
const NEXT_EVENING = Date.parse("2026-04-15T20:05:00-06:00");

/** The work that is left, in one number for each kind. */
const LEFT = `SELECT
  (SELECT count(*) FROM listening WHERE state IN ('live', 'waiting', 'running') OR state = 'done' AND held_until IS NOT NULL),
  (SELECT count(*) FROM message_in WHERE done_at IS NULL),
  (SELECT count(*) FROM message_out WHERE state IN ('queued', 'sending', 'unknown', 'accepted')),
  (SELECT count(*) FROM figure_change),
  (SELECT count(*) FROM signed_document d WHERE NOT EXISTS (SELECT 1 FROM document_fact f WHERE f.sequence = d.sequence)),
  (SELECT count(*) FROM care_check WHERE recheck_on = '')`;

/** What must have no row: what it is of, and the question. */
const NEVER = {
  "a visit with two notes of a kind": `SELECT encounter_id, kind FROM signed_document WHERE amends IS NULL AND encounter_id IS NOT NULL
    GROUP BY 1, 2 HAVING count(*) > 1`,
  "two visits at one time": `SELECT practitioner_id, starts_at FROM appointment WHERE state <> 'cancelled'
    GROUP BY 1, 2 HAVING count(*) > 1`,
  "a recording written down twice": `SELECT entity_id FROM audit_event WHERE entity = 'recording' AND reason = 'convertida en texto'
    GROUP BY 1 HAVING count(*) > 1`,
  "a recording that failed": "SELECT recording_id, problem FROM listening WHERE state IN ('failed', 'cancelled')",
  "a message that did not arrive": "SELECT purpose, state, doubts FROM message_out WHERE state NOT IN ('sent', 'delivered', 'read', 'dropped')",
  "a message that went twice by the bitácora": `SELECT entity_id FROM audit_event WHERE entity = 'message' AND action = 'create'
    GROUP BY 1 HAVING count(*) > 1`,
};

const minutes = Number(process.argv[2] ?? 10);
assert.ok(minutes > 0, "how many minutes");
const library = execFileSync("faketime", ["-m", "now", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
const folder = mkdtempSync(join(tmpdir(), "medicus-growth-"));
const database = createDatabase();
let fake;
let network;
let failed = true;
try {
  writeSecrets(folder);
  const webhook = await freePort();
  fake = await startFakeWhatsApp(`http://127.0.0.1:${webhook}/avisos/whatsapp`);
  const lines = (listen) => accountLines(folder, { listen, base: fake.base });
  network = await Network.plan(folder, database.url, { servers: SERVERS, workers: WORKERS, webhook, lines });
  await run();
  failed = false;
} finally {
  await network?.stop();
  for (const fault of network?.faults() ?? []) console.log(fault);
  network?.close();
  await fake?.stop();
  if (!failed || !process.env.MEDICUS_KEEP) {
    database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run() {
  const random = { between: (from, to) => from + Math.random() * (to - from), pick: (below) => Math.floor(Math.random() * below) };
  const copies = join(folder, "copias");
  mkdirSync(copies);
  const crowd = new Crowd(network.address);
  command("models", "add", process.env.MEDICUS_SPEECH_MODEL);
  // All machines of a practice that does not exist yet are switched on at once.
  await network.start(clock(MORNING));
  await openPractice();
  const figures = { backups: 0, cutOff: 0 };
  for (const [at, share] of [[MORNING, 0.6], [NEXT_EVENING, 0.4]]) {
    await network.stop();
    await network.start(clock(at));
    const end = Date.now() + minutes * share * 60_000;
    const stop = () => Date.now() > end;
    await Promise.all([
      crowd.work({ at, stop }),
      network.killOneAfterTheOther({ ...random, stop }),
      copy(copies, figures, { ...random, stop }),
    ]);
    assert.deepEqual([...network.wrong, ...crowd.wrong], [], "what nobody should see");
    console.log(JSON.stringify({ ...crowd.counts, killed: network.killed, ...figures, messages: fake.sent.length }));
  }
  const drained = await drain();
  const wrong = await wrongInTheEnd(crowd, copies);
  console.log(JSON.stringify({ minutes, killed: network.killed, ...crowd.counts, ...figures, messages: fake.sent.length, drained }));
  assert.deepEqual(wrong, []);
}

/** The environment of a machine whose clock says this now. */
function clock(at) {
  const offset = Math.round((at - Date.now()) / 1_000);
  return { LD_PRELOAD: library, FAKETIME: `${offset > 0 ? "+" : ""}${offset}s`, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

function command(...args) {
  const ended = spawnSync(process.env.MEDICUS_PROGRAM, ["--config", network.config, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...network.env },
  });
  assert.equal(ended.status, 0, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** The first day: who signs, hours, the aviso de privacidad and messages that go out. */
async function openPractice() {
  const visitor = await setUp(network.address);
  await publishNotice(visitor);
  const form = formOf(await visitor.open("/mensajes/ajustes"), "/mensajes/ajustes");
  await visitor.submit(form, { lugar_cita: "Calle Inventada 1", enviar: "si" });
  visitor.client.close();
}

/** A back-up now and then, every other one killed. */
async function copy(copies, figures, { stop, between }) {
  for (let n = 0; ; n += 1) {
    for (const next = Date.now() + BACKUP_EVERY_MS; Date.now() < next; await sleep(500)) if (stop()) return;
    const done = await backUp(network.config, copies, n % 2 === 1 ? between(50, 3_000) : 0);
    if (done) figures.backups += 1;
    else figures.cutOff += 1;
    assert.ok(done || n % 2 === 1, "a back-up that nobody killed failed");
  }
}

/** Waits until no work is left, as long as it becomes less; the seconds that took. */
async function drain() {
  const since = Date.now();
  let before = "";
  let still = 0;
  for (;;) {
    const left = psql(database.url, LEFT).trim();
    if (left.split("|").every((count) => count === "0")) return Math.round((Date.now() - since) / 1_000);
    if (left !== before) still = Date.now() + STILL_MS;
    before = left;
    assert.ok(Date.now() < still, `stuck: ${left} (listening, notifications, messages, days, documents, records)`);
    await sleep(1_000);
  }
}

/** What is not as it should be, of everything that is looked at. */
async function wrongInTheEnd(crowd, copies) {
  const visitor = await enter(new Visitor(network.address));
  const wrong = [...(await crowd.lost(visitor)), ...crowd.unlikeMessages(fake.sent)];
  visitor.client.close();
  for (const [what, sql] of Object.entries(NEVER)) {
    const found = psql(database.url, sql).trim();
    if (found) wrong.push(`${what}: ${found}`);
  }
  const counted = () => psql(database.url, "SELECT * FROM figure ORDER BY measure, grain, period, practitioner_id, item").split("\n");
  const before = counted();
  command("figures", "rebuild");
  const anew = counted();
  wrong.push(...before.filter((row) => !anew.includes(row)).map((row) => `figure ${row}`));
  wrong.push(...anew.filter((row) => !before.includes(row)).map((row) => `figure counted anew ${row}`));
  assert.match(command("audit", "verify"), /íntegr|[Nn]inguna alteración/u);
  command("backup", "verify", await backUp(network.config, copies, 0));
  return wrong;
}
