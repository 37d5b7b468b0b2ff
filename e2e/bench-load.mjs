// `./dev bench load [MINUTES]`: fifty people of mixed roles at the pages of one server at once.
//
// In: MEDICUS_PROGRAM, MEDICUS_SYNTHETIC (the generator of notes), MEDICUS_TEST_POSTGRES for PostgreSQL as
// MEDICUS_BENCH_ENGINE=postgres asks; minutes, notes and patients as arguments. MEDICUS_PEER=gnuhealth, with MEDICUS_PEER_ADDRESS and
// MEDICUS_PEER_PID, puts the same number of people with the same pauses to that server instead (`load-gnuhealth.mjs`).
// Every time is that of a whole page over HTTPS as its reader waits for it, with the redirect it follows. Files of the
// pages that a browser keeps (styles, scripts, type) are not asked for.

import { spawnSync } from "node:child_process";
import { psql, serveClinic, startClinic, writeConfig } from "./clinic.mjs";
import { figure, finish, spread } from "./figures.mjs";
import { costOf, drive, Meter } from "./load.mjs";

const [minutes, notes, patients] = process.argv.slice(2).map(Number);
/** The notes lie in the last two years. */
const HOURS = 24 * 365 * 2;
const TARGET = { pageMs: 300, growthPercent: 10 };
/** From here on what the program keeps at hand is there, so that what is added is looked at. */
const WARM_MINUTE = 5;
/** Of fewer pages the slowest is not p99. */
const ENOUGH = 100;

function write(clinic) {
  const args = [clinic.dataDirectory, notes, patients, HOURS].map(String);
  if (clinic.database) args.push(clinic.database);
  const ended = spawnSync(process.env.MEDICUS_SYNTHETIC, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (ended.status !== 0) throw new Error(`${process.env.MEDICUS_SYNTHETIC}: ${ended.error?.message ?? ended.status}`);
  if (clinic.database) psql(clinic.database, "VACUUM (ANALYZE)");
  // As every night does.
  const config = writeConfig(clinic.dataDirectory, clinic.database);
  const counted = spawnSync(process.env.MEDICUS_PROGRAM, ["--config", config, "figures", "refresh"], { stdio: ["ignore", "ignore", "inherit"] });
  if (counted.status !== 0) throw new Error(`figures refresh: ${counted.error?.message ?? counted.status}`);
  return JSON.parse(ended.stdout);
}

/** What the people met with while a server, of which `pid` is the first process, answered; only Medicus has targets. */
async function measure(people, meter, pid, target = {}) {
  const before = costOf(pid);
  const memory = [before.megabytes];
  await drive(people, minutes, meter, (minute) => {
    memory.push(costOf(pid).megabytes);
    console.log(`  minuto ${String(minute).padStart(2)}: memoria ${memory.at(-1).toFixed(0)} MB, ${meter.all.length} páginas, ${meter.wrong.length} errores`);
  });
  const after = costOf(pid);
  console.log(`\n  ${"ms".padEnd(44)}${["cuántas", "mediana", "p95", "p99"].map((word) => word.padStart(8)).join("")}`);
  const kinds = [...meter.times].sort(([one], [other]) => one.localeCompare(other, "es"));
  for (const [kind, times] of kinds) spread(kind, times, times.length >= ENOUGH ? target.pageMs : undefined);
  spread("todas", meter.all, target.pageMs);
  const seconds = minutes * 60;
  figure("páginas y guardados por segundo", meter.all.length / seconds, "/s");
  figure("procesador del servidor", (after.seconds - before.seconds) / seconds, "núcleos");
  figure("procesador del servidor por página", ((after.seconds - before.seconds) * 1_000) / meter.all.length, "ms");
  figure("memoria al empezar", memory[0], "MB");
  figure("memoria al terminar", memory.at(-1), "MB");
  if (minutes > WARM_MINUTE) {
    const growth = (memory.at(-1) / memory[WARM_MINUTE] - 1) * 100;
    figure(`memoria, del minuto ${WARM_MINUTE} al último`, growth, "%", target.growthPercent);
  }
  figure("citas que otra persona pidió antes", meter.conflicts, "");
  figure("errores", meter.wrong.length, "", 0);
  for (const words of [...new Set(meter.wrong)].slice(0, 20)) console.error(`    ${words}`);
  for (const person of people) person.close();
}

async function benchMedicus(engine) {
  const { hire } = await import("./load-practice.mjs");
  console.log(`Medicus, ${engine}: ${notes.toLocaleString("en-US")} notas, ${patients.toLocaleString("en-US")} pacientes, ${minutes} min`);
  const clinic = await startClinic(engine, { keep: true });
  try {
    await clinic.stop();
    const written = write(clinic);
    const served = await serveClinic(clinic.dataDirectory, clinic.database);
    const meter = new Meter();
    const people = await hire({ address: served.address, admin: clinic.logins[0], meter, written });
    await measure(people, meter, served.pid, TARGET);
    await served.stop();
  } finally {
    await clinic.stop();
    clinic.remove();
  }
}

async function benchPeer(peer) {
  const { hire } = await import(`./load-${peer}.mjs`);
  const pid = Number(process.env.MEDICUS_PEER_PID);
  console.log(`${peer}: ${notes.toLocaleString("en-US")} consultas, ${patients.toLocaleString("en-US")} pacientes, ${minutes} min`);
  const meter = new Meter();
  await measure(await hire({ address: process.env.MEDICUS_PEER_ADDRESS, meter }), meter, pid);
}

if (process.env.MEDICUS_PEER) await benchPeer(process.env.MEDICUS_PEER);
else await benchMedicus(process.env.MEDICUS_BENCH_ENGINE ?? "sqlite");
finish();
