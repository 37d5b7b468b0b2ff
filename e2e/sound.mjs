// Sound in a real browser that was not recorded on the page: a file that is brought, a stretch that is played, a voice that is
// enrolled.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertAccessible } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { openRecorder, signIn } from "./desk.mjs";

const AUDIO = fileURLToPath(new URL("../crates/speech/tests/audio/", import.meta.url));

/**
 * @param {unknown} _engine
 * @param {{clinic: import("./clinic.mjs").Clinic}} given
 */
export function sound(_engine, given) {
  let browser;
  let context;
  let page;
  let watch;
  const button = (name) => page.getByRole("button", { name, exact: true });
  const send = async (file) => {
    await page.getByLabel("Archivo de audio").setInputFiles(file);
    await button("Traer el audio").click();
  };
  const told = (words) => page.getByText(words, { exact: false }).waitFor();

  before(async () => {
    browser = await launchBrowser(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
    ({ context, page, watch } = await openPage(browser));
    await signIn(page, given.clinic);
    await openRecorder(page, 1);
    await page.getByLabel("Cómo respondió").selectOption({ label: "Ante la pantalla, después de leer el texto" });
    await button("Guardar que acepta").click();
  });
  after(async () => browser?.close());

  test("a file is brought with one button, and what is wrong with it is told where it was chosen", async () => {
    watch.allow(422);
    await send({ name: "consulta.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("esto no es sonido") });
    await told("El archivo no es un audio que se pueda leer");
    await assertAccessible(page, "Grabación, archivo rechazado");
    await send(join(AUDIO, "dictado.mp3"));
    await told("Audio guardado.");
    await told("Se trajo en un archivo");
    await send(join(AUDIO, "dictado.mp3"));
    await told("Ese audio ya está en esta consulta: es la grabación 1");
    assert.equal(await page.locator("audio").count(), 1);
    await assertAccessible(page, "Grabación, archivo traído");
  });

  test("what is being sent can be cancelled, and nothing of it is kept", async () => {
    const slow = await context.newCDPSession(page);
    await slow.send("Network.enable");
    const limits = { offline: false, latency: 0, downloadThroughput: 1e6, uploadThroughput: 200_000 };
    await slow.send("Network.emulateNetworkConditions", limits);
    await send({ name: "larga.wav", mimeType: "audio/wav", buffer: Buffer.alloc(4_000_000) });
    await told("Se envía:");
    await button("Cancelar el envío").click();
    await told("Se canceló el envío: no se guardó nada.");
    await slow.send("Network.emulateNetworkConditions", { ...limits, uploadThroughput: -1, downloadThroughput: -1 });
    await page.reload();
    assert.equal(await page.locator("audio").count(), 1);
  });

  test("a stretch is played where one is, ends by itself, and what was destroyed says so", async () => {
    await page.evaluate(() => {
      const link = document.createElement("a");
      link.href = `${document.querySelector("audio")?.getAttribute("src")}#t=1.0,2.0`;
      link.dataset["play"] = "";
      link.textContent = "Oír el segundo";
      document.querySelector(".page-head")?.append(link);
    });
    const link = page.getByRole("link", { name: "Oír el segundo" });
    const playing = (is) => page.waitForFunction(
      ([is]) => Boolean(document.querySelector("a[data-play][aria-current]")) === is,
      [is],
    );
    await link.focus();
    await page.keyboard.press("Enter");
    await playing(true);
    await playing(false);
    assert.equal(context.pages().length, 1, "no other tab was opened");
    const destroy = await page.locator('form[action$="/destruir"]').getAttribute("action");
    const token = await page.locator('form[action$="/destruir"] input[name="_token"]').getAttribute("value");
    await page.request.post(new URL(destroy, page.url()).href, { form: { _token: token } });
    await page.evaluate(() => {
      const link = document.querySelector("a[data-play]");
      // Another address, so that nothing the browser still has is played.
      link.href = link.href.replace("/audio", "/audio?otra");
    });
    watch.allow(409);
    await link.click();
    await told("Ya no se puede oír: la grabación se destruyó");
  });

  test("a voice sample without a voice is refused with what to do", async () => {
    await page.goto(`${given.clinic.address}/cuenta/voz`);
    await told("Sin muestra");
    await assertAccessible(page, "Su voz");
    await button("Grabar la muestra").click();
    await told("Grabando: lea en voz alta");
    await page.waitForTimeout(2500);
    await button("Terminar y guardar").click();
    await told("La muestra de voz tiene menos de 8 segundos de habla");
    await assertAccessible(page, "Su voz, muestra rechazada");
    watch.assertQuiet("Su voz");
  });
}
