// Whatever can die while a consultation is recorded and written down dies of SIGKILL at random moments: the server, the worker, the
// process of the speech model, the page. Nothing that was acknowledged is lost, nothing is there twice, no job is stuck, and the
// words come in the end, the same as without a death.
//
// Half of it is recorded by the real page. The other half by a device that speaks as the page does but knows each byte it sent.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser, openPage } from "./browser.mjs";
import { serveClinic, startClinic, startWorker, writeConfig } from "./clinic.mjs";
import { physician, signIn } from "./desk.mjs";
import { Device, VOICE } from "./device.mjs";
import { freePort } from "./fake-whatsapp.mjs";

/** Seconds of the recordings of the device: those of one length are heard alike. */
const LENGTHS = [5, 9, 14];
/** Between two pieces of the device, which is quicker than speech. */
const PACE_MS = 120;
/** Nothing at all may stand still for so long: a job whose worker died waits until its hold is over, the longest is minutes of voice. */
const STILL_MS = 240_000;
/** What a page may lose when it is killed: the second that was not full, and one that was not on disk. */
const MOST_LOST = 2;
const VISITS = 4;

/** The same numbers for the same seed. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function until(found, patience, missing) {
  for (const late = Date.now() + patience; Date.now() < late; await sleep(100)) {
    const value = await found();
    if (value) return value;
  }
  throw new Error(missing);
}

/** A practice whose programs can be killed, and come back at the same address. */
class Practice {
  killed = { servidor: 0, "trabajador aparte": 0, "proceso del modelo": 0, "página": 0 };

  static async open(engine) {
    const own = new Practice();
    own.clinic = await startClinic(engine, { keep: true });
    await own.clinic.stop();
    own.apart = engine === "postgres";
    own.port = await freePort();
    const config = writeConfig(own.clinic.dataDirectory, own.clinic.database);
    execFileSync(process.env.MEDICUS_PROGRAM, ["--config", config, "models", "add", process.env.MEDICUS_SPEECH_MODEL]);
    await own.serve();
    if (own.apart) await own.work();
    return own;
  }

  async serve() {
    const { dataDirectory, database } = this.clinic;
    this.server = await serveClinic(dataDirectory, database, { work: !this.apart, port: this.port });
  }

  async work() {
    this.worker = await startWorker(this.clinic.dataDirectory, this.clinic.database);
  }

  /** Who can be killed besides a page. */
  victims() {
    return this.apart ? ["servidor", "trabajador aparte", "proceso del modelo"] : ["servidor", "proceso del modelo"];
  }

  /** Kills one of them and starts it again, as the system's service manager would. */
  async kill(victim) {
    const model = victim === "proceso del modelo" ? await this.modelProcess() : undefined;
    if (model) {
      process.kill(model, "SIGKILL");
      this.killed[victim] += 1;
    } else if (victim === "trabajador aparte") {
      await this.worker.kill();
      this.killed[victim] += 1;
      await this.work();
    } else {
      await this.server.kill();
      this.killed.servidor += 1;
      await this.serve();
    }
  }

  /** The running process of the speech model, which lives as long as who asks it; nothing when nobody asked for a while. */
  async modelProcess() {
    const parent = (this.worker ?? this.server).pid;
    for (let tries = 0; tries < 60; tries += 1) {
      try {
        const found = execFileSync("pgrep", ["-P", String(parent), "-x", "medicus-speech"], { encoding: "utf8" });
        return Number(found.split("\n")[0]);
      } catch {
        await sleep(50);
      }
    }
    return undefined;
  }

  async close() {
    await this.server?.stop();
    await this.worker?.stop();
    this.clinic?.remove();
  }
}

/**
 * @param {"sqlite" | "postgres"} engine
 * @param {number} count how often something is killed
 */
export function kills(engine, count) {
  const random = randomOf(count);
  const between = (from, to) => from + random() * (to - from);
  const pages = Math.floor(count * 0.3);
  const whileWritten = Math.floor(count * 0.3);
  let practice;
  let browser;
  let device;
  let visits;
  const made = [];

  before(async () => {
    practice = await Practice.open(engine);
    device = new Device(practice.server.address);
    await device.client.signIn(physician(practice.clinic));
    visits = await device.visits(VISITS);
    browser = await launchBrowser([
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${VOICE}`,
    ]);
  });
  after(async () => {
    device?.client.close();
    await browser?.close();
    await practice?.close();
  });

  /** What the page says of each recording that is not written down yet. */
  const waiting = async () => {
    const open = [];
    for (const visit of visits) {
      const listed = await device.listed(visit);
      for (const { id } of made.filter((one) => one.visit === visit)) {
        const told = listed.get(id) ?? "";
        const words = told.replace(/<progress[^>]*value="(\d+)"[^>]*>/g, " $1 %").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
        if (!told.includes("Leer lo que se oyó")) open.push(words);
      }
    }
    return open;
  };

  test("of what a device sent and was acknowledged nothing is lost, and nothing is there twice", async () => {
    const victims = practice.victims();
    for (let n = 0; n < count - pages - whileWritten; n += 1) {
      const seconds = LENGTHS[n % LENGTHS.length];
      const recording = device.record(visits[n % VISITS], seconds, PACE_MS);
      await sleep(between(0, seconds * PACE_MS * 1.2));
      await Promise.all([recording.then((one) => made.push(one)), practice.kill(victims[n % victims.length])]);
    }
    for (const { id, seconds } of made) {
      const sent = Buffer.concat(Array.from({ length: seconds }, (_, n) => device.second(n)));
      assert.ok((await device.sound(id)).equals(sent), `${id} is not what was sent`);
    }
  });

  test("what a killed page recorded goes on where it was", async () => {
    const recorder = await new PageRecorder(browser, practice).open(visits[0]);
    await recorder.start();
    for (let n = 0; n < pages; n += 1) {
      await recorder.until(recorder.shown + 1);
      await sleep(between(0, 2500));
      // A server that dies while the page records is waited for.
      if (n % 3 === 2) await practice.kill("servidor");
      await recorder.killed();
      await recorder.goesOn();
    }
    await recorder.until(recorder.shown + 2);
    await recorder.end(device);
    const sound = await device.sound(recorder.id);
    const sent = [...recorder.sent.keys()].sort((a, b) => a - b);
    assert.deepEqual(sent, sent.map((_, n) => n), "a number is missing");
    const all = Buffer.concat(sent.map((n) => recorder.sent.get(n)));
    const differs = all.findIndex((byte, at) => byte !== sound[at]);
    assert.ok(sound.equals(all), `what is kept, ${sound.length} bytes, is not what the page sent, ${all.length}, from ${differs} on`);
    assert.ok(!/no llegaron? a guardarse/.test(await device.told(visits[0], recorder.id)), "a second is missing");
    made.push({ id: recorder.id, visit: visits[0], seconds: 0 });
    await recorder.close();
  });

  test("no recording is stuck: each is written down in the end, as without a death", async (t) => {
    const victims = practice.victims().reverse();
    for (let n = 0; n < whileWritten; n += 1) {
      if ((await waiting()).length === 0) made.push(await device.record(visits[n % VISITS], LENGTHS[2], 0));
      await sleep(between(200, 3000));
      await practice.kill(victims[n % victims.length]);
    }
    const since = Date.now();
    const left = (await waiting()).length;
    let before = "";
    let still = Date.now() + STILL_MS;
    for (let open = await waiting(); open.length > 0; open = await waiting()) {
      const now = open.join("\n");
      if (now !== before) still = Date.now() + STILL_MS;
      before = now;
      assert.ok(Date.now() < still, `stuck: ${now}`);
      await sleep(500);
    }
    t.diagnostic(`${left} of ${made.length} recordings were left when the deaths ended; done ${Math.round((Date.now() - since) / 1000)} s later`);
    const heard = new Map();
    for (const { id, seconds } of made) {
      const words = await device.words(id);
      assert.ok(words.join(" ").includes("Me duele la garganta desde ayer."), `${id}: ${words.join(" ")}`);
      if (seconds > 0) assert.deepEqual(words, heard.get(seconds) ?? words, `${seconds} seconds are heard alike`);
      if (seconds > 0) heard.set(seconds, words);
    }
  });

  test("each consultation has one conversation, with the words once, and its draft by itself", async (t) => {
    for (const visit of visits) {
      const turns = await until(async () => (await device.client.page(visit)).text.match(/class="turn turn-/g)?.length, STILL_MS, "no draft");
      let heard = 0;
      for (const { id } of made.filter((one) => one.visit === visit)) heard += (await device.words(id)).length;
      assert.ok(turns <= heard, `${turns} turns of ${heard}`);
    }
    t.diagnostic(`killed on ${engine}: ${JSON.stringify(practice.killed)}; recordings: ${made.length}`);
    const all = Object.values(practice.killed).reduce((sum, one) => sum + one, 0);
    assert.ok(all >= count, `${all} of ${count}`);
  });
}

/** The page of the recorder, which can be killed, and everything it sends. */
class PageRecorder {
  /** The seconds each number had; a number that comes again has the same. */
  sent = new Map();
  shown = 0;
  id = "";

  constructor(browser, practice) {
    this.browser = browser;
    this.practice = practice;
  }

  async open(visit) {
    this.visit = visit;
    ({ context: this.context, page: this.page } = await openPage(this.browser));
    await signIn(this.page, { address: this.practice.server.address, logins: this.practice.clinic.logins });
    this.context.on("request", (request) => {
      const piece = /\/grabaciones\/([0-9a-f-]{36})\/piezas\/(\d+)/.exec(request.url());
      if (!piece) return;
      this.id = piece[1];
      const [number, body] = [Number(piece[2]), request.postDataBuffer()];
      const before = this.sent.get(number);
      if (before && !before.equals(body)) this.mixed = `second ${number} was sent with two contents`;
      this.sent.set(number, body);
    });
    await this.page.goto(`${this.practice.server.address}${visit}/grabacion`);
    return this;
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async start() {
    await this.button("Empezar a grabar").click();
    await this.until(1);
  }

  async time() {
    const [minutes, seconds] = (await this.page.locator("[data-time]").innerText()).split(":").map(Number);
    return minutes * 60 + seconds;
  }

  async until(least) {
    await until(async () => (await this.time()) >= least, 60_000, `the page does not reach ${least} seconds`);
    this.shown = await this.time();
  }

  /** The process of the page dies. */
  async killed() {
    this.shown = await this.time();
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const crashed = new Promise((resolve) => this.page.once("crash", resolve));
    for (const { type, id } of processInfo) if (type === "renderer") process.kill(id, "SIGKILL");
    await crashed;
    this.practice.killed["página"] += 1;
    await session.detach();
    await this.page.close();
  }

  /** Somebody opens it again. */
  async goesOn() {
    this.page = await this.context.newPage();
    await this.page.goto(`${this.practice.server.address}${this.visit}/grabacion`);
    const ready = this.page.getByText("Hay una grabación sin terminar. Puede seguir o terminarla.");
    await ready.waitFor({ timeout: 60_000 }).catch(async () => assert.fail(await this.page.locator("#grabar").innerText()));
    const kept = await this.time();
    assert.ok(kept >= this.shown - MOST_LOST, `${kept} of ${this.shown} seconds are left`);
    this.shown = kept;
    await this.button("Seguir grabando").click();
  }

  async end(device) {
    await this.button("Terminar").click();
    await until(async () => (await device.told(this.visit, this.id)).includes("Terminada"), 60_000, "it does not end");
    assert.equal(this.mixed, undefined);
  }

  async close() {
    await this.context.close();
  }
}
