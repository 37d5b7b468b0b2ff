// The server is killed at random moments while people write, sign, bring files and book, and while a back-up is made. After
// each kill: what was acknowledged is there, nothing is half signed, and the next start serves.
//
// In: a practice that was set up; the number of kills.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serveClinic, writeConfig } from "./clinic.mjs";
import { Answered, Visitor } from "./forms.mjs";
import { beginVisit, book, bringFile, enter, goOn, letters, newPatient } from "./practice.mjs";

const WRITERS = 2;
const LONGEST_MS = 2_500;
const BACKUP_EVERY = 5;

const pick = (below) => Math.floor(Math.random() * below);

/** What people do, across kills: each act that fails with the connection is tried again at the next server. */
export class Load {
  constructor() {
    this.kept = []; // What was acknowledged: where it is to be seen, and with which words.
    this.counts = { patients: 0, sentences: 0, signatures: 0, files: 0, bookings: 0 };
    this.wrong = [];
    this.number = 0;
    this.state = new Map();
  }

  keep(kind, path, words) {
    this.counts[kind] += 1;
    this.kept.push({ path, words });
  }

  /** Everybody works at this server until it is gone. */
  async work(server) {
    const jobs = [...Array.from({ length: WRITERS }, (_, n) => this.write(`w${n}`)), this.bring(), this.book()];
    await Promise.all(jobs.map((job) => this.follow(job, server)));
  }

  async follow(job, server) {
    const visitor = new Visitor(server.address);
    try {
      await enter(visitor);
      while (!server.gone) await job(visitor);
    } catch (error) {
      // With the server gone, or going, the connection breaks: anything else is a fault of the program.
      if (!server.gone && (error instanceof Answered || !error.code)) this.wrong.push(error.message);
    } finally {
      visitor.client.close();
    }
  }

  write(who) {
    return async (visitor) => {
      const own = this.state.get(who) ?? {};
      this.state.set(who, own);
      if (!own.record) {
        this.number += 1;
        const { record, name } = await newPatient(visitor, this.number);
        own.record = record;
        this.keep("patients", record, name);
      } else if (!own.visit) {
        own.visit = await beginVisit(visitor, own.record);
      } else {
        this.number += 1;
        const sentence = `Se valora a la paciente y se le explica, palabra ${letters(this.number + 5_000)}.`;
        const done = await goOn(visitor, own.visit, sentence);
        if (done.written) {
          own.written = [...(own.written ?? []), done.written];
          this.keep("sentences", own.visit, done.written);
        }
        if (done.signed) {
          const words = ["El contenido coincide con lo que se firmó", ...(own.written ?? [])];
          this.kept = this.kept.filter(({ path }) => path !== own.visit);
          this.keep("signatures", done.signed, words);
          this.state.set(who, {});
        }
      }
    };
  }

  bring() {
    return async (visitor) => {
      const record = this.somebody();
      if (!record) return sleep(50);
      this.number += 1;
      const content = `%PDF-1.7 estudio ${letters(this.number)} `.padEnd(20_000, "0123456789");
      this.keep("files", `${await bringFile(visitor, record, content)}/contenido`, content);
    };
  }

  book() {
    return async (visitor) => {
      const record = this.somebody();
      if (!record) return sleep(50);
      const visit = await book(visitor, record);
      if (!visit) return sleep(200);
      this.keep("bookings", visit, "Pedida");
    };
  }

  somebody() {
    return this.kept.findLast(({ path }) => path.startsWith("/pacientes/"))?.path;
  }

  /** What of these is not as it was acknowledged. */
  async missing(address, some) {
    const visitor = await enter(new Visitor(address));
    const lost = [];
    for (const { path, words } of some) {
      const page = await visitor.open(path);
      if (![words].flat().every((word) => page.includes(word))) lost.push(path);
    }
    visitor.client.close();
    return lost;
  }
}

/** A back-up made beside the server, killed after so many milliseconds unless that is 0; the file when it was acknowledged. */
export function backUp(config, folder, ms) {
  const child = spawn(process.env.MEDICUS_PROGRAM, ["--config", config, "backup", "create", folder], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  if (ms) setTimeout(() => child.kill("SIGKILL"), ms).unref();
  return new Promise((resolve) => child.once("exit", (code) => resolve(code === 0 && /Respaldo escrito en (\S+)/u.exec(said)?.[1])));
}

/** What a command of the program says; it ended well. */
export function command(config, ...args) {
  const ended = spawnSync(process.env.MEDICUS_PROGRAM, ["--config", config, ...args], { encoding: "utf8" });
  assert.equal(ended.status, 0, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** Kills so many times; the figures. Fails with what was lost. */
export async function cutPower(dataDirectory, database, kills) {
  const config = writeConfig(dataDirectory, database);
  const copies = mkdtempSync(join(tmpdir(), "medicus-copias-"));
  const load = new Load();
  const backups = [];
  let newest = 0;
  const started = performance.now();
  let server;
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      server = await serveClinic(dataDirectory, database);
      // What was acknowledged since the last start, and some of what is older.
      const older = Array.from({ length: Math.min(newest, 5) }, () => load.kept[pick(load.kept.length)]);
      assert.deepEqual(await load.missing(server.address, [...load.kept.slice(newest), ...older]), [], `after kill ${kill}`);
      newest = load.kept.length;
      const copied = kill % BACKUP_EVERY === 0 ? backUp(config, copies, kill % (2 * BACKUP_EVERY) === 0 ? 0 : pick(1_500) + 1) : undefined;
      const working = load.work(server);
      await sleep(pick(LONGEST_MS) + 20);
      server.gone = true;
      process.kill(server.pid, "SIGKILL");
      await Promise.all([working, server.stop()]);
      const file = await copied;
      if (file) backups.push(file);
      assert.deepEqual(load.wrong, [], `before kill ${kill}`);
      newest = Math.min(newest, load.kept.length);
    }
    assert.match(command(config, "audit", "verify"), /íntegr|[Nn]inguna alteración/u);
    server = await serveClinic(dataDirectory, database);
    assert.deepEqual(await load.missing(server.address, load.kept), [], "in the end");
    await server.stop();
    if (backups.length > 0) command(config, "backup", "verify", backups.at(-1));
    // What an interrupted back-up leaves says so in its name, and the next one removes it.
    const left = () => readdirSync(copies).filter((name) => name.startsWith("medicus-") && !backups.some((file) => file.endsWith(name)));
    const cutOff = left();
    assert.deepEqual(cutOff.filter((name) => !name.endsWith(".incompleto")), [], "a back-up that was never finished looks like one that was");
    backups.push(await backUp(config, copies, 0));
    assert.deepEqual(left(), [], "a back-up that was never finished stays");
    return { kills, seconds: Math.round((performance.now() - started) / 1_000), ...load.counts, backups: backups.length, cutOff: cutOff.length };
  } finally {
    await server?.stop();
    rmSync(copies, { recursive: true, force: true });
  }
}
