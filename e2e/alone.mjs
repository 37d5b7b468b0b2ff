// Inside a network that leads nowhere (`alone.test.mjs`): a consultation is recorded, written down by a worker and proposed as a
// note. The kernel counts whatever somebody tries to send to another machine; the count stays at zero, and it does count.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { serveClinic, startClinic, startWorker, writeConfig } from "./clinic.mjs";
import { physician } from "./desk.mjs";
import { Device, VOICE } from "./device.mjs";

const PATIENCE_MS = 240_000;

/** What was to leave this machine, by both protocols: there is no way out, so that each is counted where the way is looked for. */
function attempts() {
  const [names, values] = readFileSync("/proc/net/snmp", "utf8").split("\n").filter((line) => line.startsWith("Ip:"));
  const four = Number(values.split(" ")[names.split(" ").indexOf("OutNoRoutes")]);
  const six = Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(readFileSync("/proc/net/snmp6", "utf8"))?.[1] ?? 0);
  return four + six;
}

/** Tries to send something elsewhere, to an address that is nobody's. */
function send() {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.send("hola", 9, "198.51.100.1", () => socket.close(resolve));
  });
}

const before = attempts();
const clinic = await startClinic("sqlite", { keep: true });
await clinic.stop();
const config = writeConfig(clinic.dataDirectory);
const command = (...words) => execFileSync(process.env.MEDICUS_PROGRAM, ["--config", config, ...words], { encoding: "utf8" });
command("models", "add", process.env.MEDICUS_SPEECH_MODEL);
const server = await serveClinic(clinic.dataDirectory, undefined, { work: false });
const worker = await startWorker(clinic.dataDirectory);
try {
  const device = new Device(server.address);
  await device.client.signIn(physician(clinic));
  const [visit] = await device.visits(1);
  const { id } = await device.record(visit, 8, 300);
  for (const late = Date.now() + PATIENCE_MS; !(await device.told(visit, id)).includes("Leer lo que se oyó"); await sleep(300)) {
    assert.ok(Date.now() < late, await device.told(visit, id));
  }
  assert.match((await device.words(id)).join(" "), /Me duele la garganta/);
  let note = "";
  for (const late = Date.now() + PATIENCE_MS; !/odinofagia/i.test(note); await sleep(300)) {
    assert.ok(Date.now() < late, "a note is proposed");
    note = (await device.client.page(visit)).text;
  }
  assert.match(command("scribe", VOICE), /odinofagia/i);
  device.client.close();
  assert.equal(attempts() - before, 0, "something was to leave this machine");
  await send();
  assert.equal(attempts() - before, 1, "what leaves is counted");
} finally {
  await worker.stop();
  await server.stop();
  clinic.remove();
}
