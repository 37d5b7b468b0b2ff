// A consultation that is recorded and written down by itself, in a real browser: consent, record, pause, lose the network, go on,
// end; then the words with who said them, and the note that was proposed. The microphone plays a voice; the words are written by
// a model nobody trained, which always says the same sentence, in its real process. On PostgreSQL a worker listens, not the
// server that has the pages.
//
// In: MEDICUS_PROGRAM with `medicus-speech` beside it, MEDICUS_SPEECH_MODEL (`whisper_model saying FILE` writes one).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { serveClinic, startClinic, startWorker, writeConfig } from "./clinic.mjs";
import { openRecorder, signIn, startEmptyVisit } from "./desk.mjs";
import { NAME, lendPhone } from "./phone.mjs";

const VOICE = fileURLToPath(new URL("../crates/speech/tests/audio/dictado.wav", import.meta.url));
/** Writing a few seconds down on a busy machine. */
const PATIENCE_MS = 120_000;

/** @param {"sqlite" | "postgres"} engine */
export function listening(engine) {
  let clinic;
  let served;
  let worker;
  const apart = engine === "postgres";
  let browser;
  let context;
  let page;
  let watch;
  const button = (name) => page.getByRole("button", { name, exact: true });
  const seconds = async () => {
    const [minutes, rest] = (await page.locator("[data-time]").innerText()).split(":").map(Number);
    return minutes * 60 + rest;
  };
  const until = (least) => page.waitForFunction((least) => {
    const [minutes, rest] = document.querySelector("[data-time]").textContent.split(":").map(Number);
    return minutes * 60 + rest >= least;
  }, least, { timeout: 30_000 });

  const command = (...words) => {
    const config = writeConfig(clinic.dataDirectory, clinic.database);
    return execFileSync(process.env.MEDICUS_PROGRAM, ["--config", config, ...words], { encoding: "utf8" });
  };

  before(async () => {
    clinic = await startClinic(engine, { keep: true });
    await clinic.stop();
    command("models", "add", process.env.MEDICUS_SPEECH_MODEL);
    served = await serveClinic(clinic.dataDirectory, clinic.database, { work: !apart });
    if (apart) worker = await startWorker(clinic.dataDirectory, clinic.database);
    browser = await launchBrowser([
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${VOICE}`,
      `--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
    ]);
    ({ context, page, watch } = await openPage(browser));
    await signIn(page, { ...served, logins: clinic.logins });
    await openRecorder(page);
  });
  after(async () => {
    await browser?.close();
    await served?.stop();
    await worker?.stop();
    clinic?.remove();
  });

  test("a consultation is recorded with a pause and without network for a while", async () => {
    await page.getByLabel("Cómo respondió").selectOption({ label: "Ante la pantalla, después de leer el texto" });
    await button("Guardar que acepta").click();
    await button("Empezar a grabar").click();
    await until(4);
    // Words appear while people speak.
    await page.getByRole("region", { name: "Lo que se va oyendo" }).getByText("Me duele la garganta").first()
      .waitFor({ timeout: PATIENCE_MS });
    await assertAccessible(page, "Lo que se va oyendo");
    assert.ok(!(await button("Usar el teléfono").isVisible()), "a phone would end what is recorded here");
    await button("Pausar").click();
    await page.getByText("En pausa: no se guarda nada").waitFor();
    await button("Seguir grabando").click();
    await until((await seconds()) + 2);
    await context.setOffline(true);
    await page.getByText("Sin conexión con el servidor. Siga", { exact: false }).waitFor();
    await until((await seconds()) + 3);
    await context.setOffline(false);
    await until((await seconds()) + 2);
    await button("Terminar").click();
    await page.getByText("Terminada", { exact: true }).waitFor();
    assert.equal(await page.getByText(/no llegaron a guardarse/).count(), 0, "a second is missing");
  });

  test("it is written down without being asked for, and its words are read with who said them", async () => {
    const written = page.getByRole("link", { name: "Leer lo que se oyó" });
    const late = Date.now() + PATIENCE_MS;
    while ((await written.count()) === 0) {
      assert.ok(Date.now() < late, await page.locator("#grabaciones").innerText());
      await page.waitForTimeout(500);
      await page.reload();
    }
    await written.click();
    await page.getByRole("heading", { name: "Lo que se oyó" }).waitFor();
    await page.getByText("Me duele la garganta desde ayer.").first().waitFor();
    await page.getByText("Voz 1", { exact: true }).waitFor();
    await assertAccessible(page, "Lo que se oyó");
    await page.getByRole("group", { name: "Quién es la voz 1" }).getByRole("button", { name: "Paciente" }).click();
    await button("Usar y proponer la nota").click();
  });

  test("the note is proposed from it", async () => {
    await page.getByRole("region", { name: "Turnos de la conversación" }).getByText("Me duele la garganta").first().waitFor();
    const note = page.getByRole("region", { name: "Oraciones de la nota" });
    await note.getByText(/odinofagia/i).first().waitFor();
    watch.assertQuiet("la nota de una grabación");
  });

  test("what a phone hears appears at the desk by itself, which records nothing meanwhile", async () => {
    const address = served.address.replace("127.0.0.1", NAME);
    const desk = await openPage(browser, {}, NAME);
    const hand = await openPage(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, NAME);
    const its = (where, name) => where.page.getByRole("button", { name, exact: true });
    await signIn(desk.page, { address, logins: clinic.logins });
    await startEmptyVisit(desk.page, address);
    await desk.page.getByRole("link", { name: "Grabar la conversación" }).click();
    await desk.page.getByLabel("Cómo respondió").selectOption({ label: "Ante la pantalla, después de leer el texto" });
    await its(desk, "Guardar que acepta").click();
    await lendPhone(desk.page, hand.page);
    await its(hand, "Usar este teléfono").click();
    await its(hand, "Empezar a grabar").click();
    await desk.page.getByRole("region", { name: "Lo que se va oyendo" }).getByText("Me duele la garganta").first()
      .waitFor({ timeout: PATIENCE_MS });
    assert.ok(!(await its(desk, "Empezar a grabar").isVisible()), "two would record");
    await assertAccessible(desk.page, "Lo que oye el teléfono");
    assert.ok(!(await hand.page.locator("body").innerText()).includes("garganta"), "the phone shows no word of it");
    await its(hand, "Terminar").click();
    await desk.page.getByText("El teléfono terminó de grabar.").waitFor();
    desk.watch.assertQuiet("Lo que oye el teléfono");
    await desk.context.close();
    await hand.context.close();
  });

  test("the command proposes a note from the same sound", () => {
    assert.match(command("scribe", VOICE), /odinofagia/i);
    const { facts } = JSON.parse(command("scribe", VOICE, "--format", "facts"));
    assert.ok(facts.length > 0, "and its facts");
  });
}
