// A practice on several machines, as docs/manual/varias-maquinas.md has it: servers of pages behind one address, workers beside
// them, one PostgreSQL, one folder. Each of them can be killed and comes back, as a service manager would have it.

import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { runServer, runWorker } from "./clinic.mjs";
import { freePort } from "./fake-whatsapp.mjs";

/** Hands each connection to the next of some ports that takes it, as a balancer before several servers does. */
export async function balance(port, ports) {
  let turn = 0;
  const server = createServer((client) => {
    const hand = (tries) => {
      if (tries === 0) return client.destroy();
      const behind = connect(ports[turn++ % ports.length], "127.0.0.1");
      behind.once("error", () => hand(tries - 1));
      behind.once("connect", () => {
        behind.removeAllListeners("error");
        for (const [one, other] of [[client, behind], [behind, client]]) {
          one.on("error", () => other.destroy()).on("close", () => other.destroy()).pipe(other);
        }
      });
    };
    client.on("error", () => client.destroy());
    hand(ports.length);
  }).listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

/** The machines of one practice. */
export class Network {
  machines = [];
  killed = { servidores: 0, trabajadores: 0 };
  wrong = [];
  #faults = new Map();

  /**
   * @param {string} folder where configurations lie; the shared folder is `datos` in it
   * @param {string} database address
   * @param {{servers: number, workers: number, webhook: number, lines: (listen: string) => string[]}} plan the port where
   *   notifications come in for any server, and more lines of each configuration
   */
  static async plan(folder, database, { servers, workers, webhook, lines }) {
    const own = new Network();
    own.port = await freePort();
    own.address = `https://127.0.0.1:${own.port}`;
    const [pages, notices] = [[], []];
    for (let n = 0; n < servers + workers; n += 1) {
      const isServer = n < servers;
      const [listen, notice] = [await freePort(), await freePort()];
      if (isServer) pages.push(listen);
      if (isServer) notices.push(notice);
      const config = `${folder}/${isServer ? "servidor" : "trabajador"}-${n}.toml`;
      writeFileSync(config, [
        "[server]",
        `listen = "127.0.0.1:${listen}"`,
        `public_origin = "${own.address}"`,
        "work = false",
        "[storage]",
        `directory = ${JSON.stringify(`${folder}/datos`)}`,
        `database = ${JSON.stringify(database)}`,
        ...lines(`127.0.0.1:${notice}`),
      ].join("\n"));
      own.machines.push({ kind: isServer ? "servidores" : "trabajadores", config, run: isServer ? runServer : runWorker });
    }
    own.balancers = [await balance(own.port, pages), await balance(webhook, notices)];
    return own;
  }

  get config() {
    return this.machines[0].config;
  }

  /** Starts all of them at once, with such an environment. */
  async start(env) {
    this.env = env;
    await Promise.all(this.machines.map((machine) => this.#start(machine)));
  }

  async #start(machine) {
    machine.program = await machine.run(machine.config, this.env);
  }

  /** Kills one at random every few seconds, until told to stop; each comes back at once. */
  async killOneAfterTheOther({ stop, between, pick }) {
    const starting = [];
    while (!stop()) {
      await sleep(between(1_500, 5_000));
      const kind = Object.keys(this.killed)[pick(2)];
      const running = this.machines.filter((machine) => machine.program && machine.kind === kind);
      const machine = running[pick(running.length)];
      if (!machine) continue;
      await machine.program.kill();
      this.#ended(machine);
      this.killed[machine.kind] += 1;
      starting.push(this.#start(machine).catch((error) => this.wrong.push(error.message)));
    }
    await Promise.all(starting);
  }

  /** All of them are asked to end. */
  async stop() {
    await Promise.all(this.machines.map(({ program }) => program?.stop()));
    for (const machine of this.machines) this.#ended(machine);
  }

  /** Keeps what a machine said of faults, how often, without when. */
  #ended(machine) {
    for (const line of machine.program?.output().match(/(?:ERROR|WARN|panicked).*/gu) ?? []) {
      const fault = `${machine.kind}: ${line}`;
      this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    }
    machine.program = undefined;
  }

  close() {
    for (const balancer of this.balancers) balancer.close();
  }

  /** What the machines said of faults, and how often. */
  faults() {
    return [...this.#faults].map(([line, times]) => `${times} x ${line}`);
  }
}
