// Recording a consultation in a real browser, with a microphone that plays a file: consent, record, pause, lose the network,
// go on, end; what arrives is what was played, once and in order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { openRecorder, signIn } from "./desk.mjs";
import { RATE, fakeMicrophone, silentQuarters } from "./microphone.mjs";

/** What waits in the database of the browser: how many things, and all their bytes. */
function waiting(page) {
  return page.evaluate(async () => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const database = await done(indexedDB.open("medicus-grabacion", 1));
    const rows = await done(database.transaction("espera").objectStore("espera").getAll());
    database.close();
    const text = rows.map((row) => String.fromCharCode(...new Uint8Array(row.sealed).slice(0, 200))).join("");
    return { count: rows.length, clear: /"kind"|piece|pausa/.test(text) };
  });
}

/**
 * @param {unknown} _engine
 * @param {{clinic: import("./clinic.mjs").Clinic}} given
 */
export function recording(_engine, given) {
  let browser;
  let microphone;
  let context;
  let page;
  let watch;
  const state = () => page.locator("strong[data-state]");
  const button = (name) => page.getByRole("button", { name, exact: true });
  const seconds = async () => {
    const [minutes, rest] = (await page.locator("[data-time]").innerText()).split(":").map(Number);
    return minutes * 60 + rest;
  };
  const until = async (least) => {
    for (let tries = 0; (await seconds()) < least; tries += 1) {
      assert.ok(tries < 200, `still at ${await seconds()} seconds`);
      await page.waitForTimeout(100);
    }
  };

  before(async () => {
    microphone = fakeMicrophone();
    browser = await launchBrowser(microphone.flags);
    ({ context, page, watch } = await openPage(browser));
    await signIn(page, given.clinic);
    await openRecorder(page);
  });
  after(async () => {
    await browser?.close();
    microphone?.remove();
  });

  test("without a yes there is no microphone, and a refusal is remembered", async () => {
    await page.getByText("Sin preguntar").waitFor();
    assert.equal(await button("Empezar a grabar").count(), 0);
    await assertAccessible(page, "Grabación, sin preguntar");
    await page.getByLabel("Cómo respondió").selectOption({ label: "De palabra" });
    await button("Guardar que no acepta").click();
    await page.getByText("No se graba. La consulta sigue igual", { exact: false }).waitFor();
    assert.equal(await button("Empezar a grabar").count(), 0);
  });

  test("with it the recorder appears and records, and the page says so", async () => {
    await page.getByText("Cambiar la respuesta").click();
    await page.getByLabel("Cómo respondió").selectOption({ label: "Ante la pantalla, después de leer el texto" });
    await page.getByLabel("Hasta cuándo vale").selectOption({ label: "Solo hoy" });
    await button("Guardar que acepta").click();
    await button("Empezar a grabar").focus();
    await page.keyboard.press("Enter");
    await until(3);
    assert.equal(await state().innerText(), "Grabando");
    assert.match(await page.title(), /^● Grabando/);
    assert.ok((await page.locator("[data-level]").evaluate((meter) => meter.value)) > 0, "the level moves");
    await assertAccessible(page, "Grabación, grabando");
    watch.assertQuiet("Grabación");
  });

  test("a pause stores nothing", async () => {
    await button("Pausar").click();
    await page.getByText("En pausa: no se guarda nada").waitFor();
    const before = await seconds();
    await page.waitForTimeout(1500);
    assert.equal(await seconds(), before);
    await button("Seguir grabando").click();
    await until(before + 2);
  });

  test("without network it goes on, enciphered in the browser, and sends everything once it is back", async () => {
    const before = await seconds();
    await context.setOffline(true);
    await page.getByText("Sin conexión con el servidor. Siga", { exact: false }).waitFor();
    await until(before + 4);
    const kept = await waiting(page);
    assert.ok(kept.count >= 3, `${kept.count} wait`);
    assert.ok(!kept.clear, "what waits can be read");
    await context.setOffline(false);
    for (let tries = 0; (await waiting(page)).count > 1; tries += 1) {
      assert.ok(tries < 200, "it is not sent");
      await page.waitForTimeout(100);
    }
    watch.assertQuiet("Grabación, de nuevo con red");
  });

  test("what a reload interrupts goes on where it was", async () => {
    const before = await seconds();
    page.once("dialog", (dialog) => dialog.accept());
    await page.reload();
    await page.getByText("Hay una grabación sin terminar. Puede seguir o terminarla.").waitFor();
    assert.ok((await seconds()) >= before - 2, "no more than two seconds are lost");
    await button("Seguir grabando").click();
    await until((await seconds()) + 2);
  });

  test("ended, it is heard whole, and the page says what follows", async () => {
    await button("Terminar").click();
    await page.getByText("Terminada", { exact: true }).waitFor();
    assert.equal(await page.getByText(/no llegaron a guardarse/).count(), 0, "a second is missing");
    await page.getByText("En este equipo no hay un programa que convierta la voz en texto", { exact: false }).waitFor();
    const audio = page.locator("audio").first();
    const address = await audio.getAttribute("src");
    const answer = await page.request.get(new URL(address, page.url()).href);
    const wav = await answer.body();
    const length = (wav.length - 44) / 2 / RATE;
    assert.ok(length >= 11, `${length} seconds`);
    const silent = silentQuarters(wav);
    assert.ok(silent <= 8, `${silent} quarters of a second are silent`);
    await audio.evaluate((element) => { element.currentTime = 5; return element.play(); });
    await page.waitForFunction(() => (document.querySelector("audio")?.currentTime ?? 0) > 5.2);
    await audio.evaluate((element) => element.pause());
    await assertAccessible(page, "Grabación, terminada");
    watch.assertQuiet("Grabación, terminada");
  });

  test("destroyed, nobody hears it", async () => {
    const address = new URL(await page.locator("audio").first().getAttribute("src"), page.url()).href;
    await page.getByText("Destruir", { exact: true }).click();
    await button("Destruir la grabación").click();
    await page.getByText("Grabación destruida: ya nadie puede oírla.").waitFor();
    assert.equal((await page.request.get(address)).status(), 409);
  });
}
