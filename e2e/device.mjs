// A recorder without a browser: it speaks to the server as the page does, and knows each byte it sent.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "./client.mjs";

/** A voice of six seconds, as WAV. */
export const VOICE = fileURLToPath(new URL("../crates/speech/tests/audio/dictado.wav", import.meta.url));
const HEAD = 44;
const SECOND = 32_000;
/** How long it asks a server that does not answer. */
const PATIENCE_MS = 240_000;
const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** The fields of the first form that is sent to such an address. */
function form(html, action) {
  const found = html.match(/<form[^>]*action="[^"]*"[\s\S]*?<\/form>/g)?.find((form) => action.test(/action="([^"]*)"/.exec(form)[1]));
  if (!found) return undefined;
  const fields = {};
  for (const [, name, value] of found.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) fields[name] = value;
  return { action: /action="([^"]*)"/.exec(found)[1], fields };
}

/** A recorder that speaks as the page does, and a reader of what came of it. */
export class Device {
  voice = readFileSync(VOICE).subarray(HEAD);

  constructor(address) {
    this.client = new Client(address);
  }

  /** New visits of patients who agree to be recorded. */
  async visits(count) {
    const list = (await this.client.page("/pacientes")).text;
    const visits = [];
    for (const [, record] of list.matchAll(/href="(\/pacientes\/[0-9a-f-]{36})"/g)) {
      if (visits.length === count) break;
      const begin = form((await this.client.page(record)).text, /\/consultas$/);
      if (!begin) continue;
      const { location } = await this.client.send(begin.action, { ...begin.fields, motivo: "Dolor de garganta" });
      const visit = location?.match(/^\/consultas\/[0-9a-f-]{36}/)?.[0];
      if (!visit) continue;
      const consent = form((await this.client.page(`${visit}/grabacion`)).text, /\/consentimiento$/);
      const answer = { ...consent.fields, medio: "screen", vigencia: "", responde: "", respuesta: "si" };
      const { status } = await this.client.send(consent.action, answer);
      assert.equal(status, 303, "the answer is kept");
      visits.push(visit);
    }
    assert.equal(visits.length, count, "so many patients can be seen");
    return visits;
  }

  /** Asks until somebody answers, as the page does while there is no connection. */
  async insist(path, body, headers = {}) {
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.client.post(path, body, { "hx-request": "true", ...headers }).catch((error) => error);
      if (answer.status !== undefined && answer.status < 500) return answer;
      assert.ok(Date.now() < late, `${path}: ${answer.status ?? answer.message}`);
      await sleep(50);
    }
  }

  second(n) {
    const from = (n * SECOND) % (this.voice.length - SECOND);
    const piece = Buffer.from(this.voice.subarray(from - (from % 2), from - (from % 2) + SECOND));
    piece.writeInt16LE(n, 0);
    return piece;
  }

  /** Records so many seconds of the voice, of which none is the same; a pause on the way. */
  async record(visit, seconds, pace) {
    const begun = await this.insist(`${visit}/grabacion`, new URLSearchParams({ _token: await this.token(visit) }).toString(), FORM);
    const { id, token } = JSON.parse(begun.text);
    const step = async (paso, hechas) => {
      const { status, text } = await this.insist(`/grabaciones/${id}/paso`, new URLSearchParams({ _token: token, paso, hechas }).toString(), FORM);
      assert.equal(status, 200, `${paso}: ${text}`);
    };
    for (let n = 0; n < seconds; n += 1) {
      const { status, text } = await this.insist(`/grabaciones/${id}/piezas/${n}?inicio=${n * 1000}`, this.second(n), { "x-medicus-token": token });
      assert.equal(status, 204, `second ${n}: ${text}`);
      const told = JSON.parse((await this.insist(`/grabaciones/${id}/estado`)).text);
      assert.equal(told.siguiente, n + 1, "what was acknowledged is there");
      if (n === seconds >> 1) {
        await step("pausa", n + 1);
        await step("seguir", n + 1);
      }
      await sleep(pace);
    }
    await step("terminar", seconds);
    return { id, visit, seconds };
  }

  async token(visit) {
    const page = await this.insist(`${visit}/grabacion`);
    return /data-token="([^"]+)"/.exec(page.text)[1];
  }

  /** The sound of a recording without its head. */
  async sound(id) {
    return (await this.insist(`/grabaciones/${id}/audio`)).bytes.subarray(HEAD);
  }

  /** What the page of the recordings says of each, by its number. */
  async listed(visit) {
    const page = await this.insist(`${visit}/grabacion`);
    const parts = page.text.split('<li id="g-').slice(1);
    return new Map(parts.map((part) => [/^[0-9a-f-]{36}/.exec(part)[0], part]));
  }

  /** What it says of one. */
  async told(visit, id) {
    return (await this.listed(visit)).get(id) ?? "";
  }

  /** Everything that was heard, turn by turn. */
  async words(id) {
    const page = await this.insist(`/grabaciones/${id}/palabras`);
    assert.equal(page.status, 200, `the words of ${id}`);
    return [...page.text.matchAll(/<li id="t\d+"[\s\S]*?<\/p><p>([^<]*)<\/p>/g)].map(([, words]) => words);
  }
}

