// People who use a server at once, each with their own pauses between pages, and what that costs (`bench-load.mjs`).

import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Seconds between two pages of one person: reading, talking, typing. */
const THINK_S = [5, 15];
/** The first pages are spread over so much, as people come in. */
const ARRIVAL_MS = 30_000;

/** Always the same numbers for the same seed. */
export class Dice {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(most) {
    return Math.floor(this.next() * most);
  }

  of(list) {
    return list[this.below(list.length)];
  }
}

/** The time is up: whoever waits to go on does not. */
class Over extends Error {}

/** How long each kind of page took, and what went wrong. */
export class Meter {
  times = new Map();
  wrong = [];
  /** Answers that are as they should be where two people want the same. */
  conflicts = 0;
  #counting = false;

  begin() {
    this.#counting = true;
  }

  /** What `act` answers; it took so long for a page of this kind. */
  async time(kind, act) {
    const started = performance.now();
    const answer = await act();
    if (this.#counting) {
      if (!this.times.has(kind)) this.times.set(kind, []);
      this.times.get(kind).push(performance.now() - started);
    }
    return answer;
  }

  get all() {
    return [...this.times.values()].flat();
  }
}

/** One at work; `turn` is what they do again and again. */
export class Person {
  /** When everybody stops, by `Date.now()`. */
  until = Infinity;

  constructor(role, seed, meter) {
    this.role = role;
    this.dice = new Dice(seed);
    this.meter = meter;
  }

  /** A pause like a person's before the next page. */
  async think([least, most] = THINK_S) {
    await this.pause((least + this.dice.next() * (most - least)) * 1_000);
  }

  async pause(ms) {
    const left = this.until - Date.now();
    await sleep(Math.max(0, Math.min(ms, left)));
    if (ms >= left) throw new Over();
  }

  async turn() {}
}

/** Everybody works for so long; `everyMinute` is told how many minutes are over. */
export async function drive(people, minutes, meter, everyMinute) {
  meter.begin();
  const until = Date.now() + minutes * 60_000;
  const follow = async (person) => {
    person.until = until;
    try {
      await person.pause(person.dice.next() * ARRIVAL_MS);
      for (;;) {
        try {
          await person.turn();
        } catch (error) {
          if (error instanceof Over) throw error;
          meter.wrong.push(`${person.role}: ${error.message}`);
          await person.think();
        }
      }
    } catch (error) {
      if (!(error instanceof Over)) throw error;
    }
  };
  let minute = 0;
  const timer = setInterval(() => everyMinute((minute += 1)), 60_000);
  await Promise.all(people.map(follow));
  clearInterval(timer);
  if (minute < minutes) everyMinute(minutes);
}

/** Resident memory in MB of a million bytes and seconds of processor of a process and of all that it started. */
export function costOf(pid) {
  let [megabytes, seconds] = [0, 0];
  for (const one of family(pid)) {
    try {
      megabytes += (Number(/^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${one}/status`, "utf8"))?.[1] ?? 0) * 1024) / 1e6;
      // After the name, which may have spaces: user and system time are the 12th and 13th field, in hundredths of a second.
      const [user, system] = readFileSync(`/proc/${one}/stat`, "utf8").replace(/^.*\) /su, "").split(" ").slice(11, 13);
      seconds += (Number(user) + Number(system)) / 100;
    } catch (error) {
      // It ended meanwhile.
      if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    }
  }
  return { megabytes, seconds };
}

function family(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/u.test(entry))) {
    try {
      parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /su, "").split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}
