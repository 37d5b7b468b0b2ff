// How a physician likes drafts to be written: told on a page of theirs, followed and marked in a draft, used by keyboard.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, signIn } from "./desk.mjs";
import { VIEWS, overflowsSideways } from "./shots.mjs";

const PHRASE = "Se explican datos de alarma y se resuelven dudas.";
const TALK = "D: ¿Qué le pasa?\nP: Me duele la cabeza desde hace tres días.\nD: ¿Fiebre?\nP: No, nada.\nD: ¿Tos?\nP: Tampoco.";

export function preferences(_engine, given) {
  let page;
  let watch;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  async function add(form, values, button) {
    await page.getByText(form, { exact: true }).click();
    for (const [label, value] of values) await page.getByRole("textbox", { name: label }).fill(value);
    await page.getByRole("button", { name: button }).click();
  }

  test("words and a sentence are told on one's own page, a change of a fact is refused", async () => {
    await page.goto(`${given.clinic.address}/cuenta`);
    await page.getByRole("link", { name: "Preferencias de redacción" }).click();
    await page.getByText(/^Todavía ninguna\. Cuando usted cambie/).waitFor();
    await assertAccessible(page, "Preferencias, vacías");
    watch.allow(422);
    await add("Agregar palabras", [["Palabras del borrador", "niega"], ["Sus palabras", "refiere"]], "Guardar palabras");
    await page.getByRole("alert").getByText(/podría decir otra cosa/).waitFor();
    await page.getByLabel("Palabras del borrador").fill("cefalea");
    await page.getByLabel("Sus palabras").fill("dolor de cabeza");
    await page.getByRole("button", { name: "Guardar palabras" }).click();
    await page.getByText("En lugar de «cefalea»").waitFor();
    await add("Agregar frase", [["Frase", PHRASE]], "Guardar frase");
    await page.getByText(PHRASE, { exact: true }).first().waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize(VIEWS[width]);
      await assertAccessible(page, `Preferencias, ${width}`);
      assert.equal(await overflowsSideways(page), false, `Preferencias scroll sideways at ${width}`);
    }
    await page.setViewportSize(VIEWS[1440]);
    watch.assertQuiet("Preferencias");
  });

  test("a style is looked at on an example, chosen, and followed; a draft is written again in another", async () => {
    await page.goto(`${given.clinic.address}/cuenta/preferencias`);
    const example = page.getByRole("region", { name: /^Nota de ejemplo/ });
    const length = async () => (await example.getByRole("listitem").allInnerTexts()).length;
    const complete = await length();
    for (const style of ["Por problema", "Breve"]) {
      await page.getByRole("link", { name: style, exact: true }).click();
      await page.getByRole("region", { name: `Nota de ejemplo, estilo ${style}` }).waitFor();
      await assertAccessible(page, `Preferencias, estilo ${style}`);
    }
    assert.ok((await length()) < complete, "the brief example is not shorter");
    await page.getByRole("button", { name: "Redactar así mis notas" }).click();
    await page.getByText("Así se redactan sus notas", { exact: true }).waitFor();
    await page.goto(`${given.clinic.address}/hoy`);
    await openWaiting(page);
    await page.getByText(/^Traer otra/).click();
    await page.getByLabel(/^O pegue el texto/).fill(TALK);
    await page.getByRole("button", { name: "Leer y proponer la nota" }).click();
    const motive = desk.note.getByText("Motivo de la consulta");
    const denied = desk.note.getByRole("listitem").filter({ hasText: "Niega fiebre y tos." });
    await denied.waitFor();
    assert.equal(await motive.count(), 0);
    await desk.decide(denied, "Aceptar");
    assert.equal(await desk.note.getByLabel("Estilo").inputValue(), "brief");
    await desk.note.getByLabel("Estilo").selectOption({ label: "Completa" });
    await desk.change(() => desk.note.getByRole("button", { name: "Redactar así" }).click());
    await motive.waitFor();
    assert.equal(await denied.count(), 1, "what was accepted is there once");
    await assertAccessible(page, "Consulta en otro estilo");
    await page.goto(`${given.clinic.address}/cuenta/preferencias?estilo=complete`);
    await page.getByRole("button", { name: "Redactar así mis notas" }).click();
    await page.getByText("Estilo guardado", { exact: false }).waitFor();
    watch.assertQuiet("Estilos");
  });

  test("a new draft is written so, says it and shows what it would have said", async () => {
    await page.goto(`${given.clinic.address}/hoy`);
    await openWaiting(page);
    await page.getByText(/^Traer otra/).click();
    await page.getByLabel(/^O pegue el texto/).fill(TALK);
    await page.getByRole("button", { name: "Leer y proponer la nota" }).click();
    const sentence = desk.note.getByRole("listitem").filter({ hasText: /Refiere dolor de cabeza de 3 días/ });
    await sentence.getByText("según su preferencia").waitFor();
    await desk.select(sentence);
    await sentence.getByText(/^\d+ citas?$/).click();
    await sentence.getByText("Sin la preferencia: «Refiere cefalea de 3 días de evolución.»").waitFor();
    await assertAccessible(page, "Consulta con una preferencia");
  });

  test("a sentence of one's own is put in, and another is moved, by keyboard", async () => {
    const chosen = desk.note.locator(".sentence.sel .say");
    const mine = desk.note.getByRole("listitem").filter({ hasText: PHRASE });
    const before = await mine.count();
    await page.keyboard.press("f");
    const phrase = desk.note.getByRole("button", { name: PHRASE });
    await phrase.waitFor();
    await assertAccessible(page, "Sus frases");
    await desk.change(() => page.keyboard.press("1"));
    assert.equal(await mine.count(), before + 1);
    const part = desk.note.locator('[data-section="ev.evolucion"]');
    const texts = () => part.locator(".sentence > .say").allInnerTexts();
    await desk.select(part.locator(".sentence").first());
    const [first, second] = await texts();
    await desk.change(() => page.keyboard.press("Shift+ArrowDown"));
    assert.deepEqual((await texts()).slice(0, 2), [second, first]);
    assert.ok((await chosen.count()) === 1, "nothing is selected any more");
    await desk.change(() => page.keyboard.press("z"));
    assert.deepEqual((await texts()).slice(0, 2), [first, second]);
    watch.assertQuiet("Frases y orden por teclado");
  });

  test("a preference is turned off and removed", async () => {
    await page.goto(`${given.clinic.address}/cuenta/preferencias`);
    await page.getByRole("button", { name: /^Desactivar ?: dolor de cabeza$/ }).click();
    await page.getByText("Desactivada", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^Quitar ?: dolor de cabeza$/ }).click();
    await page.getByText("Preferencia quitada.").waitFor();
    assert.equal(await page.getByText("dolor de cabeza", { exact: true }).count(), 0);
  });
}
