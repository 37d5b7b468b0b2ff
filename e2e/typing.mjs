// Text that was being typed survives a page that dies and a session that ends. Nothing of it is kept in the browser.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, physician, signIn } from "./desk.mjs";

const FIRST = "Refiere que el dolor empeora al subir escaleras";
const SECOND = "Agrega que por la noche despierta dos veces";

export function typing(_engine, given) {
  const contexts = [];
  after(() => Promise.all(contexts.map((context) => context.close())));

  async function visitor() {
    const opened = await openPage(given.browser);
    contexts.push(opened.context);
    await signIn(opened.page, given.clinic);
    return opened;
  }

  /** Opens the form for one more sentence in the first section. */
  async function newSentence(page) {
    const section = page.locator('[data-section="ev.evolucion"]');
    await section.getByRole("link", { name: /^Agregar oración/ }).click();
    const field = section.getByLabel("Oración");
    await field.waitFor();
    return field;
  }

  let address;

  test("what was being typed when the page died is offered back", async () => {
    const { page } = await visitor();
    await openWaiting(page);
    address = page.url();
    const field = await newSentence(page);
    await field.pressSequentially(FIRST);
    await page.getByText(/^Guardado a las \d{2}:\d{2}$/).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes("escaleras"), kept);
    await page.close({ runBeforeUnload: false });

    const again = await visitor();
    await again.page.goto(address);
    await again.page.getByText("Había texto sin guardar en «Evolución").waitFor();
    await again.page.getByRole("link", { name: "Recuperar" }).click();
    const recovered = again.page.locator('[data-section="ev.evolucion"]').getByLabel("Oración");
    await again.page.getByText(/^Se recuperó lo que escribía hoy/).waitFor();
    assert.equal(await recovered.inputValue(), FIRST);
    const desk = new Desk(again.page);
    await desk.change(() => desk.note.getByRole("button", { name: /^Guardar/ }).click());
    await desk.note.getByText(FIRST).waitFor();
    assert.equal(await again.page.getByText("Había texto sin guardar").count(), 0);
    again.watch.assertQuiet("texto recuperado");
  });

  test("a session that ends while somebody types loses nothing", async () => {
    const { page, context } = await visitor();
    await page.goto(address);
    const field = await newSentence(page);
    await context.clearCookies();
    await field.pressSequentially(SECOND);
    await page.getByText(/^Su sesión terminó/).waitFor();
    assert.equal(await field.inputValue(), SECOND);
    await page.getByRole("button", { name: /^Guardar/ }).click();
    await page.getByLabel("Usuario").fill(physician(given.clinic).user);
    await page.getByLabel("Contraseña").fill(physician(given.clinic).password);
    await page.getByRole("button", { name: "Entrar" }).click();
    await page.getByRole("button", { name: "Enviarlo ahora" }).click();
    await new Desk(page).note.getByText(SECOND).waitFor();
  });
}
