// What people do in a practice on several machines, and what must be there in the end (`growth.mjs`).

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Device, VOICE } from "./device.mjs";
import { Answered, formOf, Visitor } from "./forms.mjs";
import { Load } from "./power-cut.mjs";
import { agree, bookFrom, enter, newPatient, openVisit } from "./practice.mjs";

const WRITERS = 3;
const BOOKERS = 2;
const LISTENERS = 2;
/** Seconds of what is recorded: those of one length are heard alike. */
const LENGTHS = [5, 7];
/** Between two pieces of a recording, which are quicker than speech. */
const PACE_MS = 150;
/** Recordings that are not written down yet, before nobody makes another. */
const MOST_WAITING = 6;
const HEARD = "Me duele la garganta desde ayer.";
const DAY_MS = 24 * 3_600_000;
/** What a connection says whose server dies. */
const BROKEN = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ECONNABORTED"]);

/** The day of Mexico City at an instant. */
const dayOf = (at) => new Date(at - 6 * 3_600_000).toISOString().slice(0, 10);

/** Everybody at work, across deaths. */
export class Crowd {
  recorded = [];
  told = [];
  wrong = [];
  conflicts = 0;
  #load = new Load();
  #states = new Map();
  #day = 0;

  constructor(address) {
    this.address = address;
  }

  get counts() {
    return { ...this.#load.counts, recorded: this.recorded.length, told: this.told.length, conflicts: this.conflicts };
  }

  /** Works until told to stop; the clock of the practice says `at` at the beginning. */
  async work({ at, stop }) {
    const load = this.#load;
    const jobs = [
      ...Array.from({ length: WRITERS }, (_, n) => load.write(`w${n}`)),
      load.bring(),
      ...Array.from({ length: BOOKERS }, (_, n) => this.tell(`t${n}`, at - Date.now())),
      ...Array.from({ length: LISTENERS }, (_, n) => this.listen(`l${n}`)),
    ];
    await Promise.all(jobs.map((job) => this.#follow(job, stop)));
  }

  /** Who loses a connection goes on with the next server, with the same session. */
  async #follow(job, stop) {
    const visitor = new Visitor(this.address);
    let entered = false;
    while (!stop()) {
      try {
        if (!entered) await enter(visitor);
        entered = true;
        await job(visitor);
      } catch (error) {
        if (!BROKEN.has(error.code)) this.wrong.push(error.message);
        await sleep(100);
      }
    }
    visitor.client.close();
  }

  #state(who) {
    if (!this.#states.has(who)) this.#states.set(who, {});
    return this.#states.get(who);
  }

  async #patient(visitor, own, more) {
    this.#load.number += 1;
    const number = this.#load.number;
    const { record, name } = await newPatient(visitor, number, more?.(number));
    this.#load.keep("patients", record, name);
    Object.assign(own, { record, number });
  }

  /** A patient who agreed to messages is booked, for one of the days that reminders are about or another. */
  tell(who, offset) {
    const phone = (number) => ({ telefono: `55${10_000_000 + number}` });
    return async (visitor) => {
      const own = this.#state(who);
      if (!own.record) {
        await this.#patient(visitor, own, phone);
      } else if (!own.agreed) {
        await agree(visitor, own.record, "messaging");
        own.agreed = true;
      } else {
        const now = Date.now() + offset;
        // An answer that was lost may have booked: the record says so, and this patient is let go.
        if (own.asked) return this.#states.set(who, {});
        own.asked = true;
        const day = dayOf(now + (this.#day++ % 2 === 0 ? 2 : 4) * DAY_MS);
        const booked = await bookFrom(visitor, own.record, day).catch((error) => this.#another(error, own));
        if (booked) {
          this.#load.keep("bookings", booked.visit, "Pedida");
          this.told.push({ phone: phone(own.number).telefono, at: booked.at, booked: now });
        }
        if (own.asked) this.#states.set(who, {});
        await sleep(2_000);
      }
    };
  }

  /** Another was given the time meanwhile: they are offered the next. */
  #another(error, own) {
    if (!(error instanceof Answered) || !error.message.includes("Esa hora ya está ocupada")) throw error;
    own.asked = false;
    this.conflicts += 1;
  }

  /** A consultation is recorded, or its sound brought in a file. */
  listen(who) {
    return async (visitor) => {
      const own = this.#state(who);
      if (!own.record) {
        if (await this.#waiting(visitor) >= MOST_WAITING) return sleep(1_000);
        await this.#patient(visitor, own);
      } else if (!own.visit) {
        own.visit = await openVisit(visitor, own.record);
      } else if (!own.agreed) {
        const form = formOf(await visitor.open(`${own.visit}/grabacion`), "/grabacion/consentimiento");
        await visitor.submit(form, { medio: "screen", vigencia: "", responde: "", respuesta: "si" });
        own.agreed = true;
      } else {
        const bring = own.number % 2 === 0;
        const seconds = LENGTHS[own.number % LENGTHS.length];
        const one = bring ? await this.#bring(visitor, own.visit) : await this.#record(visitor, own.visit, seconds);
        this.recorded.push({ ...one, visit: own.visit, kind: bring ? "file" : `${seconds} s` });
        this.#states.set(who, {});
      }
    };
  }

  async #record(visitor, visit, seconds) {
    const device = new Device(this.address);
    device.client = visitor.client;
    const { id } = await device.record(visit, seconds, PACE_MS);
    return { id, seconds };
  }

  async #bring(visitor, visit) {
    const page = await visitor.open(`${visit}/grabacion`);
    // The answer was lost, not the sound.
    const there = /<li id="g-([0-9a-f-]{36})"/u.exec(page)?.[1];
    if (there) return { id: there };
    const form = formOf(page, "/grabacion/archivo");
    const { leads } = await visitor.submit(form, {}, { name: "dictado.wav", content: readFileSync(VOICE) });
    return { id: /#g-([0-9a-f-]{36})/u.exec(leads)[1] };
  }

  /** How many of the last recordings are not written down yet. */
  async #waiting(visitor) {
    let open = 0;
    for (const { id, visit } of this.recorded.slice(-MOST_WAITING)) {
      const page = await visitor.open(`${visit}/grabacion`);
      if (!page.includes(`/grabaciones/${id}/palabras`)) open += 1;
    }
    return open;
  }

  /** What of all that was acknowledged is not there, or not once. */
  async lost(visitor) {
    const lost = await this.#load.missing(this.address, this.#load.kept);
    const device = new Device(this.address);
    device.client = visitor.client;
    const alike = new Map();
    for (const { id, visit, kind, seconds } of this.recorded) {
      const words = await device.words(id).catch(() => []);
      if (seconds) {
        const sent = Buffer.concat(Array.from({ length: seconds }, (_, n) => device.second(n)));
        if (!(await device.sound(id)).equals(sent)) lost.push(`sound of ${id}`);
      }
      const page = await visitor.open(visit);
      const turns = page.match(/class="turn turn-/gu)?.length ?? 0;
      const proposed = new Set(page.match(/\/oraciones\/[^/"]+\/aceptar/gu)).size;
      const found = JSON.stringify([words, proposed]);
      if (!words.join(" ").includes(HEARD)) lost.push(`words of ${id}: ${words.join(" ")}`);
      if (turns !== words.length) lost.push(`${turns} turns of ${words.length} in ${visit}`);
      if (proposed === 0) lost.push(`no draft in ${visit}`);
      if (found !== (alike.get(kind) ?? found)) lost.push(`${id} (${kind}) has ${found}, others ${alike.get(kind)}`);
      alike.set(kind, found);
    }
    return lost;
  }

  /** Patients whose telephone does not have exactly what it should have. */
  unlikeMessages(sent) {
    const unlike = [];
    for (const { phone, at, booked } of this.told) {
      const got = sent.filter(({ to }) => to.endsWith(phone)).map(({ template }) => template?.name);
      const count = (name) => got.filter((one) => one === name).length;
      // Reminders are due for who was booked in the morning of the day before, for a visit two or three days later.
      const evening = this.told.at(-1).booked;
      const early = dayOf(booked) !== dayOf(evening);
      const ahead = at - evening;
      const due = {
        cita_agendada: 1,
        cita_recordatorio: early && dayOf(at) === dayOf(evening + DAY_MS) ? 1 : 0,
        cita_tres_dias: early && ahead > 2 * DAY_MS && ahead < 3 * DAY_MS ? 1 : 0,
      };
      // The hour at which one becomes due, or is not any more, falls into the run.
      const edge = [2, 3].some((days) => Math.abs(ahead - days * DAY_MS) < 3_600_000);
      for (const [name, n] of Object.entries(due)) {
        if (count(name) !== n && !(edge && name === "cita_tres_dias" && count(name) < 2)) unlike.push(`${phone}: ${name} ${count(name)} times, not ${n}`);
      }
      if (got.length !== got.filter((name) => name in due).length) unlike.push(`${phone}: ${got.join(", ")}`);
    }
    return unlike;
  }
}
