// The other side of the messages, for browser tests: the program `fake-whatsapp` of `test-support`, and a patient's telephone.
//
// In: MEDICUS_FAKE_WHATSAPP (path of the program). It takes what the clinic sends and tells it what patients do.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** What opens the fake account, as `test_support::whatsapp` has it. */
const ACCOUNT = {
  number: "1122334455667",
  account: "102290129340398",
  token: "token-de-prueba",
  secret: "secreto-de-prueba",
  verify: "palabra-de-prueba",
};

/** Writes the secrets of the account into a folder. */
export function writeSecrets(folder) {
  for (const name of ["token", "secret", "verify"]) writeFileSync(join(folder, name), ACCOUNT[name], { mode: 0o600 });
}

/** The lines of a configuration that use the account: with its secrets in `folder`, at `base`, notified at `listen`. */
export function accountLines(folder, { listen, base }) {
  const file = (name) => JSON.stringify(join(folder, name));
  return [
    "[whatsapp]",
    `number = "${ACCOUNT.number}"`,
    `account = "${ACCOUNT.account}"`,
    `token_file = ${file("token")}`,
    `app_secret_file = ${file("secret")}`,
    `verify_file = ${file("verify")}`,
    `listen = "${listen}"`,
    `base = "${base}"`,
  ];
}

/** The program plans what is due once a minute and sends what waits every three seconds. */
const PATIENCE_MS = 100_000;
const LOOK_MS = 100;

/** A port nobody listens at. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param {string} webhook where the clinic takes notifications */
export async function startFakeWhatsApp(webhook) {
  const path = process.env.MEDICUS_FAKE_WHATSAPP;
  assert.ok(path, "MEDICUS_FAKE_WHATSAPP is not set: run the browser tests with ./dev test");
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(path, [address, webhook], { stdio: ["pipe", "pipe", "inherit"] });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const sent = [];
  let base;
  createInterface({ input: child.stdout }).on("line", (line) => (base ? sent.push(JSON.parse(line)) : (base = line)));
  await until(() => base, "the fake WhatsApp named no address");
  return {
    base,
    /** Everything the clinic sent so far. */
    sent,
    /** A patient does something: `{ text }` writes, `{ touch }` touches what a button or row carries. */
    tell: (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
    stop: async () => {
      process.removeListener("exit", killWithUs);
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Waits until `look` finds something. */
export async function until(look, otherwise, patience = PATIENCE_MS) {
  for (let waited = 0; waited < patience; waited += LOOK_MS) {
    const found = look();
    if (found) return found;
    await pause(LOOK_MS);
  }
  return assert.fail(typeof otherwise === "function" ? otherwise() : otherwise);
}

/** The telephone of a patient: what came to it, in order, and what its owner does. */
export class Telephone {
  #digits;
  #fake;
  #now;
  #read = 0;

  /**
   * @param {Awaited<ReturnType<typeof startFakeWhatsApp>>} fake
   * @param {string} ten the number, ten digits
   * @param {() => number} now the clock of the clinic, in seconds since 1970
   */
  constructor(fake, ten, now) {
    this.#fake = fake;
    this.#digits = ten;
    this.#now = now;
  }

  #received() {
    return this.#fake.sent.filter((body) => body.to.endsWith(this.#digits));
  }

  /** The next message, once it is there. */
  async next() {
    const at = this.#read++;
    const body = await until(() => this.#received()[at], () => `nothing came to ${this.#digits} after ${at} messages`);
    return new Received(body);
  }

  /** How many messages came that nobody looked at. */
  unread() {
    return this.#received().length - this.#read;
  }

  /** Writes, from the old form of the number, and gives the answer. */
  writes(text) {
    return this.#does({ text });
  }

  touches(reply) {
    return this.#does({ touch: reply });
  }

  #does(what) {
    assert.equal(this.unread(), 0, `something came to ${this.#digits} that nobody expected`);
    this.#fake.tell({ from: `521${this.#digits}`, at: this.#now(), ...what });
    return this.next();
  }
}

/** A message as it was sent. */
class Received {
  constructor(body) {
    this.body = body;
    this.template = body.template?.name;
    this.text = body.text?.body ?? body.interactive?.body.text ?? "";
  }

  /** What the row of a list with this title carries. */
  row(title) {
    const rows = this.body.interactive?.action.sections?.[0].rows ?? [];
    const found = rows.find((row) => row.title === title);
    assert.ok(found, `no ${title} among ${rows.map((row) => row.title).join("; ")} (${this.text})`);
    return found.id;
  }

  /** What a button of a template carries, by its place. */
  button(at) {
    return this.body.template.components[at + 1].parameters[0].payload;
  }
}
