// Starts the real program as a demonstration clinic, on either database engine, and stops it.
//
// In: MEDICUS_PROGRAM (path of the program), MEDICUS_TEST_POSTGRES (address of a server where databases may be made).
// Contract with `medicus demo --port 0 --dir D [--database URL]`: standard output names `https://127.0.0.1:PORT`,
// then a list of logins, one a line: "usuario USER contraseña PASSWORD NAME", and an empty line after the last.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_TIMEOUT_MS = 300_000; // The sixty signed visits of the demonstration take a while in a debug build.
const STOP_TIMEOUT_MS = 10_000;

// On a signal the process ends the ordinary way, so that the programs started here end too.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

/** The engines to test on: the embedded one always, PostgreSQL where a server is named. */
export function engines() {
  const server = process.env.MEDICUS_TEST_POSTGRES;
  return server ? ["sqlite", "postgres"] : ["sqlite"];
}

/**
 * A running clinic.
 *
 * @typedef {object} Clinic
 * @property {string} address such as https://127.0.0.1:40123
 * @property {{user: string, name: string, password: string}[]} logins in the order printed
 * @property {string | undefined} database address of the database, where it is a server's
 * @property {number} pid
 * @property {string} dataDirectory
 * @property {() => number} elapsedMs since the process was started
 * @property {() => string} output everything the program said so far
 * @property {() => Promise<void>} stop may be called twice
 * @property {() => Promise<void>} kill at once, with SIGKILL
 * @property {() => void} remove
 */

/**
 * @param {"sqlite" | "postgres"} engine
 * @param {{program?: string, keep?: boolean, trust?: string}} [options] `keep`: the data outlives `stop`, until `remove`;
 *   `trust`: a folder with authorities of e.firmas
 * @returns {Promise<Clinic>}
 */
export async function startClinic(engine, options = {}) {
  const directory = mkdtempSync(join(tmpdir(), "medicus-e2e-"));
  const database = engine === "postgres" ? createDatabase() : undefined;
  const remove = () => {
    database?.drop();
    rmSync(directory, { recursive: true, force: true });
  };
  const dataDirectory = join(directory, "clinic");
  const command = ["demo", "--port", "0", "--dir", dataDirectory];
  if (database) command.push("--database", database.url);
  if (options.trust) command.push("--trust", options.trust);
  try {
    const running = await start(options.program ?? program(), command, readAnnouncement);
    const stop = async () => {
      await running.stop();
      if (!options.keep) remove();
    };
    return { ...running, dataDirectory, database: database?.url, stop, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * `medicus serve` on the data that a demonstration left, without its logins, or on a new folder.
 *
 * @param {string} dataDirectory
 * @param {string} [database] address of the database, where it is a server's
 * @param {{more?: string[], env?: Record<string, string>, work?: boolean, port?: number}} [options] `more` lines of the
 *   configuration; its environment; `work` false: a worker does what is not pages; `port` where it listens
 */
export async function serveClinic(dataDirectory, database, { more = [], env = {}, work = true, port = 0 } = {}) {
  return runServer(writeConfig(dataDirectory, database, more, work, port), env);
}

/** `medicus serve` with a configuration, until it says its address. */
export function runServer(config, env = {}) {
  return start(program(), ["--config", config, "serve"], readAddress, env);
}

/** `medicus worker` on the data that a server serves. */
export async function startWorker(dataDirectory, database) {
  return runWorker(writeConfig(dataDirectory, database, [], false));
}

/** `medicus worker` with a configuration, until it is at work. */
export function runWorker(config, env = {}) {
  const ready = (output) => (output.includes("Medicus trabaja en este equipo: convierte") ? {} : undefined);
  return start(program(), ["--config", config, "worker"], ready, env);
}

/** A configuration beside the data; returns its path. */
export function writeConfig(dataDirectory, database, more = [], work = true, port = 0) {
  const config = `${dataDirectory}.toml`;
  const lines = ["[server]", `listen = "127.0.0.1:${port}"`, `work = ${work}`, "[storage]", `directory = ${JSON.stringify(dataDirectory)}`];
  if (database) lines.push(`database = ${JSON.stringify(database)}`);
  writeFileSync(config, `${[...lines, ...more].join("\n")}\n`);
  return config;
}

function program() {
  const path = process.env.MEDICUS_PROGRAM;
  if (!path) throw new Error("MEDICUS_PROGRAM is not set: run the browser tests with ./dev test");
  return path;
}

/** Starts the program and waits until `readStart` finds in its output what it waits for. */
async function start(path, command, readStart, env = {}) {
  let output = "";
  const started = performance.now();
  const child = spawn(path, command, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const exited = new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not start: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);

  const announced = new Promise((resolve) => {
    const read = (chunk) => {
      output += chunk;
      const found = readStart(output);
      if (found) resolve(found);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  });
  const late = timeout(START_TIMEOUT_MS, `named no address within ${START_TIMEOUT_MS / 1000} s`);
  const first = await Promise.race([announced, exited, late.promise]);
  late.cancel();

  const stop = async () => {
    process.removeListener("exit", killWithUs);
    child.kill("SIGTERM");
    const tooLong = timeout(STOP_TIMEOUT_MS, "did not stop");
    const how = await Promise.race([exited, tooLong.promise]);
    tooLong.cancel();
    if (how === "did not stop") child.kill("SIGKILL");
    await exited;
  };
  if (typeof first === "string") {
    await stop();
    throw new Error(`${path} ${command.join(" ")}: ${first}\n${output}`);
  }
  /** Ends it at this instant, as a power cut would. */
  const kill = async () => {
    process.removeListener("exit", killWithUs);
    child.kill("SIGKILL");
    await exited;
  };
  return { ...first, pid: child.pid, kill, output: () => output, elapsedMs: () => performance.now() - started, stop };
}

function timeout(ms, message) {
  let timer;
  const promise = new Promise((resolve) => {
    timer = setTimeout(() => resolve(message), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

/**
 * The address and the logins in what the program printed; nothing until the list of logins is complete.
 *
 * @param {string} output
 * @returns {{address: string, logins: {user: string, name: string, password: string}[]} | undefined}
 */
export function readAnnouncement(output) {
  const address = readAddress(output)?.address;
  const list = /(?:^ +usuario +\S+ +contraseña +\S+ +\S.*\n)+(?=\n)/mu.exec(output)?.[0];
  if (!address || !list) return undefined;
  const logins = [...list.matchAll(/usuario +(\S+) +contraseña +(\S+) +(\S.*)/gu)].map(([, user, password, name]) => ({
    user,
    name,
    password,
  }));
  return { address, logins };
}

function readAddress(output) {
  const address = /https:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(output)?.[0];
  return address && { address };
}

/** A database of its own on the test server. */
export function createDatabase() {
  const server = process.env.MEDICUS_TEST_POSTGRES;
  if (!server) throw new Error("MEDICUS_TEST_POSTGRES is not set: run the browser tests with ./dev test");
  const name = `medicus_e2e_${randomBytes(6).toString("hex")}`;
  psql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => psql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Runs SQL as the owner of the server, past the program; returns the rows as text. Fails as psql does. */
export function psql(url, sql) {
  const flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"];
  return execFileSync("psql", [...flags, "--command", sql, url], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
