// A phone as the microphone of a consultation, in a real browser with a microphone that plays a file: the code of the desk is read
// as a camera reads it, the phone records, loses the network, pauses and ends, and what arrives is what was played, once and in
// order. Then the desk stops a phone, and without a speech model the same page takes what was said by the keyboard.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { physician, signIn, startEmptyVisit } from "./desk.mjs";
import { RATE, fakeMicrophone, silentQuarters } from "./microphone.mjs";
import { decodeQR } from "./packages.mjs";

/** What the practice is called in its network. */
export const NAME = "consultorio.example";
/** Pixels of a cell. */
const CELL = 4;

/** What a camera reads in the picture of a code, which is drawn cell by cell. */
async function read(picture) {
  const side = Number((await picture.getAttribute("viewBox")).split(" ")[2]);
  const cells = (await picture.locator("path").getAttribute("d")).matchAll(/M(\d+) (\d+)h1v1h-1z/g);
  const width = side * CELL;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of cells) {
    for (let i = 0; i < CELL * CELL; i += 1) {
      const at = ((Number(y) * CELL + Math.floor(i / CELL)) * width + Number(x) * CELL + (i % CELL)) * 4;
      pixels.fill(0, at, at + 3);
    }
  }
  return decodeQR({ data: pixels, width, height: width });
}

/** Lends a phone at the desk and opens the address of the code on it. */
export async function lendPhone(desk, hand) {
  await desk.getByRole("button", { name: /^(Usar el teléfono|Hacer otro código)$/ }).click();
  const picture = desk.getByRole("img", { name: "Código para la cámara del teléfono" });
  await picture.waitFor();
  const address = await read(picture);
  assert.match(address, /^https:\/\/consultorio\.example:\d+\/telefono#[0-9a-f]{64}$/);
  await hand.goto("about:blank");
  await hand.goto(address);
  return address;
}

/**
 * @param {unknown} _engine
 * @param {{clinic: import("./clinic.mjs").Clinic}} given
 */
export function phone(_engine, given) {
  let browser;
  let microphone;
  let desk;
  let hand;
  const button = (where, name) => where.page.getByRole("button", { name, exact: true });
  const told = (where, words) => where.page.getByText(words, { exact: false }).first().waitFor();
  const until = (least) => hand.page.waitForFunction((least) => {
    const [minutes, rest] = document.querySelector("[data-time]").textContent.split(":").map(Number);
    return minutes * 60 + rest >= least;
  }, least, { timeout: 30_000 });
  const seconds = async () => {
    const [minutes, rest] = (await hand.page.locator("[data-time]").innerText()).split(":").map(Number);
    return minutes * 60 + rest;
  };
  const lend = () => lendPhone(desk.page, hand.page);

  before(async () => {
    microphone = fakeMicrophone();
    browser = await launchBrowser([...microphone.flags, `--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
    desk = await openPage(browser, {}, NAME);
    hand = await openPage(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, NAME);
  });
  after(async () => {
    await browser?.close();
    microphone?.remove();
  });

  test("on an address that only this computer has, the button says what is missing", async () => {
    await signIn(desk.page, given.clinic);
    await startEmptyVisit(desk.page, given.clinic.address);
    await desk.page.getByRole("link", { name: "Grabar la conversación" }).click();
    await desk.page.getByLabel("Cómo respondió").selectOption({ label: "Ante la pantalla, después de leer el texto" });
    await button(desk, "Guardar que acepta").click();
    await button(desk, "Usar el teléfono").click();
    await told(desk, "El teléfono no puede llegar a «127.0.0.1");
    await assertAccessible(desk.page, "Grabación, sin red");
    desk.watch.assertQuiet("Grabación, sin red");
  });

  test("a code counts once, and the phone shows nothing of the consultation", async () => {
    const { pathname } = new URL(desk.page.url());
    const address = given.clinic.address.replace("127.0.0.1", NAME);
    await signIn(desk.page, { ...given.clinic, address }, physician(given.clinic));
    await desk.page.goto(`${address}${pathname}`);
    const code = await lend();
    await assertAccessible(desk.page, "Grabación, código");
    await told(hand, "Este teléfono grabará la consulta");
    assert.equal(new URL(hand.page.url()).hash, "", "the secret leaves the address");
    await assertAccessible(hand.page, "Teléfono, antes de conectarse");
    await button(hand, "Usar este teléfono").click();
    await button(hand, "Empezar a grabar").waitFor();
    await told(desk, "conectado.");
    const words = await hand.page.locator("body").innerText();
    const patient = await desk.page.getByRole("heading", { level: 1 }).innerText();
    assert.ok(patient.length > 5 && !words.includes(patient.split(" ")[0]), words);
    await assertAccessible(hand.page, "Teléfono");

    const other = await openPage(browser, {}, NAME);
    other.watch.allow(403);
    await other.page.goto(code);
    await button(other, "Usar este teléfono").click();
    await told(other, "Este código ya se usó o caducó");
    await other.context.close();
  });

  test("it records, loses the network, pauses and ends, and nothing is missing or twice", async () => {
    await button(hand, "Empezar a grabar").click();
    await until(3);
    await told(desk, ": grabando");
    assert.ok(!(await button(desk, "Empezar a grabar").isVisible()), "the computer does not offer to record meanwhile");
    await assertAccessible(desk.page, "Grabación, graba el teléfono");
    await assertAccessible(hand.page, "Teléfono, grabando");
    await hand.context.setOffline(true);
    await told(hand, "Sin conexión con el servidor. Siga");
    await until((await seconds()) + 3);
    await hand.context.setOffline(false);
    await button(hand, "Pausar").click();
    await told(desk, "en pausa, no se guarda nada");
    await button(hand, "Seguir grabando").click();
    await until((await seconds()) + 2);
    const made = await seconds();
    await button(hand, "Terminar").click();
    await told(hand, "La grabación terminó y está guardada en el consultorio.");
    await told(desk, "El teléfono terminó de grabar.");
    await desk.page.getByRole("link", { name: "Ver la grabación" }).click();
    await desk.page.getByText("Terminada", { exact: true }).waitFor();
    assert.equal(await desk.page.getByText(/no llegaron a guardarse/).count(), 0, "a second is missing");
    const audio = await desk.page.locator("audio").first().getAttribute("src");
    const wav = Buffer.from(await desk.page.evaluate(async (audio) => {
      const bytes = new Uint8Array(await (await fetch(audio)).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    }, audio), "base64");
    const length = (wav.length - 44) / 2 / RATE;
    assert.ok(Math.abs(length - made) <= 2, `${length} seconds of ${made}`);
    assert.ok(silentQuarters(wav) <= 6, `${silentQuarters(wav)} quarters of a second are silent`);
    desk.watch.assertQuiet("Grabación con el teléfono");
    hand.watch.assertQuiet("Teléfono");
  });

  test("the desk stops a phone, also one that pauses", async () => {
    for (const pauses of [false, true]) {
      await lend();
      await button(hand, "Usar este teléfono").click();
      await button(hand, "Empezar a grabar").click();
      await until(2);
      if (pauses) await button(hand, "Pausar").click();
      await told(desk, pauses ? "en pausa, no se guarda nada" : ": grabando");
      hand.watch.allow(403);
      await button(desk, "Terminar la grabación del teléfono").click();
      await told(hand, "Este teléfono ya no está conectado");
      await desk.page.getByRole("button", { name: "Usar el teléfono" }).waitFor();
    }
    hand.page.on("dialog", (dialog) => dialog.accept());
    await hand.page.reload();
    await told(hand, "Escanee con la cámara de este teléfono");
    await assertAccessible(hand.page, "Teléfono, desconectado");
  });

  test("without a speech model the same page takes what was said by the keyboard", async () => {
    await desk.page.getByLabel("Conversación").fill("D: ¿Qué le pasa?\nP: Me duele la garganta desde ayer.");
    await button(desk, "Leer y proponer la nota").click();
    const note = desk.page.getByRole("region", { name: "Oraciones de la nota" });
    await note.getByText(/odinofagia|garganta/i).first().waitFor();
    desk.watch.assertQuiet("Grabación, escrita");
  });
}
