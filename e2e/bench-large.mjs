// `./dev bench NOTES PATIENTS`: a practice with many notes, on both engines, as its pages answer.
//
// In: MEDICUS_PROGRAM, MEDICUS_SYNTHETIC (the generator), MEDICUS_TEST_POSTGRES where there is a server; the numbers as
// arguments. Every time is that of a whole request over HTTPS, with its events in the bitácora.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { Client } from "./client.mjs";
import { engines, psql, serveClinic, startClinic, writeConfig } from "./clinic.mjs";
import { figure, finish, quantile } from "./figures.mjs";

const [notes, patients] = process.argv.slice(2).map(Number);
const REQUESTS = 200;
const TARGET = {
  chartMs: 200,
  patientSearchMs: 100,
  practiceSearchMs: 300,
  saveMs: 50,
  eventsPerSecond: 100_000,
  boardMs: 300,
  courseMs: 150,
  nightSeconds: 60,
};
/** The notes are spread over ten years; a busy day has so many of them. */
const HOURS = 24 * 365 * 10;
const DAY = { notes: 1_000, patients: 1_000, hours: 10 };

/** Words of the generator by how often they stand in a note: nearly always, in a tenth, in hundreds of all, in a few. */
const WORDS = {
  "muy común": ["paciente", "dolor", "consulta"],
  común: ["cefalea", "losartán", "migraña", "urocultivo"],
  medio: ["fitofotobatica", "queilocatica", "mielomadatica", "sialofatica"],
  raro: ["onicomatica", "dacrionatica", "xantelasmapatica", "gonalgiaratica"],
  "dos palabras": ["cefalea losartán", "paciente mielomadatica", "hipertensión urocultivo"],
  ninguno: ["esternocleidomastoideo", "paciente esternocleidomastoideo"],
};

/** Runs a program; what it printed. */
function run(program, args) {
  const ended = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });
  if (ended.status !== 0) throw new Error(`${program}: ${ended.error?.message ?? ended.status}`);
  return ended.stdout;
}

function sizeOf(clinic) {
  if (clinic.database) return Number(psql(clinic.database, "SELECT pg_database_size(current_database())"));
  return statSync(`${clinic.dataDirectory}/medicus.db`).size;
}

/** p50 and p99 of what `act` takes, after a few calls that are not counted. */
async function timed(name, target, act) {
  const times = [];
  for (let n = -10; n < REQUESTS; n += 1) {
    const { ms, status } = await act(Math.abs(n));
    if (status >= 400) throw new Error(`${name}: ${status}`);
    if (n >= 0) times.push(ms);
  }
  figure(`${name}, mediana`, quantile(times, 0.5), "ms");
  figure("  p99", quantile(times, 0.99), "ms", target);
}

async function benchCharts(client, written) {
  const { patients: some, busiest } = written;
  await timed("abrir un expediente", TARGET.chartMs, (n) => client.send(`/pacientes/${some[n % some.length]}`));
  await timed("abrir el expediente con más consultas", TARGET.chartMs, () => client.send(`/pacientes/${busiest}`));
}

/** The boards of any period, the lists behind them and the course of a record. */
async function benchBoards(client, written) {
  const day = new Intl.DateTimeFormat("es-MX", { day: "2-digit", month: "2-digit", year: "numeric", timeZone: "America/Mexico_City" });
  const since = (days) => `desde=${encodeURIComponent(day.format(Date.now() - days * 86_400_000))}`;
  const page = (name, path) => timed(name, TARGET.boardMs, () => client.send(path));
  await page("tablero de la práctica, 30 días", "/tableros");
  await page("tablero de la práctica, un año", `/tableros?${since(365)}`);
  await page("tablero de la práctica, cien años", `/tableros?${since(36_500)}`);
  const chapter = /href="(\/tableros\/capitulo[^"]+)"/.exec((await client.page(`/tableros?${since(3_650)}`)).text)[1];
  await page("códigos de un capítulo, diez años", unescaped(chapter));
  const code = /href="(\/tableros\/pacientes[^"]+)"/.exec((await client.page(unescaped(chapter))).text)[1];
  await page("pacientes con un código, diez años", unescaped(code));
  await page("tiempos imposibles", `/tableros/calidad?${since(3_650)}`);
  await page("vigilancia epidemiológica", "/tableros/epidemiologia");
  const gaps = (await client.page("/tableros/pendientes")).text;
  await page("pendientes de atención", "/tableros/pendientes");
  const list = /href="(\?control=[^"]+)"/.exec(gaps)[1];
  await page("pacientes a quienes les falta", `/tableros/pendientes${unescaped(list)}`);
  const { patients: some, busiest } = written;
  await timed("curso de un paciente", TARGET.courseMs, (n) => client.send(`/pacientes/${some[n % some.length]}/curso`));
  await timed("curso del expediente mayor", TARGET.courseMs, () => client.send(`/pacientes/${busiest}/curso`));
}

const unescaped = (address) => address.replaceAll(/&(amp|#38);/g, "&");

/** Counts everything the first time; then a busy day is written, and the night counts it. */
function benchCounting(clinic) {
  const config = writeConfig(clinic.dataDirectory, clinic.database);
  const refresh = () => {
    const started = performance.now();
    run(process.env.MEDICUS_PROGRAM, ["--config", config, "figures", "refresh"]);
    return (performance.now() - started) / 1000;
  };
  figure("contar todo la primera vez", refresh(), "s");
  write(clinic, DAY);
  figure(`contar de noche un día de ${DAY.notes} notas`, refresh(), "s", TARGET.nightSeconds);
}

function write(clinic, { notes: count, patients: people, hours }) {
  const args = [clinic.dataDirectory, count, people, hours].map(String);
  if (clinic.database) args.push(clinic.database);
  const written = JSON.parse(run(process.env.MEDICUS_SYNTHETIC, args));
  if (clinic.database) psql(clinic.database, "VACUUM (ANALYZE)");
  return written;
}

async function benchSearch(client, written) {
  const token = /name="_token" value="([^"]+)"/.exec((await client.page("/buscar")).text)[1];
  const ask = (q, paciente = "") => client.send("/buscar", { _token: token, q: `${q} `, paciente });
  const words = ["cefalea", "hipertensión", "losartán", "fiebre"];
  const { patients: some, busiest } = written;
  await timed("una palabra en un expediente", TARGET.patientSearchMs, (n) => ask(words[n % 4], some[n % some.length]));
  await timed("una palabra en el expediente mayor", TARGET.patientSearchMs, (n) => ask(words[n % 4], busiest));
  for (const [rarity, list] of Object.entries(WORDS)) {
    await timed(`en toda la práctica: ${rarity}`, TARGET.practiceSearchMs, (n) => ask(list[n % list.length]));
  }
  await timed("en toda la práctica: mientras se escribe", TARGET.practiceSearchMs, (n) =>
    client.send("/buscar", { _token: token, q: ["cefa", "hiper", "los", "con"][n % 4] }),
  );
}

/** Saves the draft of an open consultation: strikes a sentence out and takes it back. */
async function benchDraft(client) {
  const open = /href="(\/consultas\/[0-9a-f-]{36})/.exec((await client.page("/consultas")).text)[1];
  const { text } = await client.page(open);
  const [, discard] = /"([^"]*\/oraciones\/[^"/]+\/)descartar"/.exec(text);
  const token = /name="_token" value="([^"]+)"/.exec(text)[1];
  let version = Number(/name="version" value="(\d+)"/.exec(text)[1]);
  let struck = false;
  await timed("guardar un borrador", TARGET.saveMs, async () => {
    const answer = await client.send(`${discard}${struck ? "recuperar" : "descartar"}`, { _token: token, version: String(version) });
    version += 1;
    struck = !struck;
    return answer;
  });
}

function benchAudit(clinic) {
  const config = writeConfig(clinic.dataDirectory, clinic.database);
  const started = performance.now();
  const said = run(process.env.MEDICUS_PROGRAM, ["--config", config, "audit", "verify", "--only-events"]);
  const seconds = (performance.now() - started) / 1000;
  const events = Number(/bitácora revisados: (\d+)/.exec(said)[1]);
  figure(`verificar la bitácora, ${events.toLocaleString("en-US")} movimientos`, events / seconds, "/s", TARGET.eventsPerSecond, true);
}

async function bench(engine) {
  console.log(`\n${engine}: ${notes.toLocaleString("en-US")} notas, ${patients.toLocaleString("en-US")} pacientes`);
  const clinic = await startClinic(engine, { keep: true });
  try {
    await clinic.stop();
    const before = sizeOf(clinic);
    const written = write(clinic, { notes, patients, hours: HOURS });
    figure("escribir", notes / written.seconds, "notas/s");
    figure("base de datos, por nota", (sizeOf(clinic) - before) / notes, "bytes");
    benchAudit(clinic);
    benchCounting(clinic);
    const served = await serveClinic(clinic.dataDirectory, clinic.database);
    const client = new Client(served.address);
    await client.signIn(clinic.logins[0]);
    await benchCharts(client, written);
    await benchBoards(client, written);
    await benchSearch(client, written);
    await benchDraft(client);
    client.close();
    await served.stop();
  } finally {
    await clinic.stop();
    clinic.remove();
  }
}

for (const engine of process.env.MEDICUS_BENCH_ENGINE ? [process.env.MEDICUS_BENCH_ENGINE] : engines()) await bench(engine);
finish();
