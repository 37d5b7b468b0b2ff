// The receta by keyboard: a line typed in one go, a favourite, an earlier receta renewed; and one cancelled with its reason.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, physician, print, signIn } from "./desk.mjs";
import { VIEWS, overflowsSideways } from "./shots.mjs";

export function receta(_engine, given) {
  let page;
  let watch;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  async function lookedAt(name) {
    for (const width of [1440, 390]) {
      await page.setViewportSize(VIEWS[width]);
      await assertAccessible(page, `${name}, ${width}`);
      assert.equal(await overflowsSideways(page), false, `${name} scrolls sideways at ${width}`);
    }
    await page.setViewportSize(VIEWS[1440]);
    watch.assertQuiet(name);
  }

  /** The record of the first receta in the list of documents. */
  async function openReceta() {
    await page.goto(`${given.clinic.address}/documentos`);
    await page.getByRole("link", { name: "Receta médica" }).first().click();
    await page.getByRole("heading", { name: /^Receta médica R-/ }).waitFor();
  }

  test("a medicine is written in one line with the keyboard alone", async () => {
    await openWaiting(page);
    await page.keyboard.press("m");
    await page.keyboard.type("parasetam", { delay: 20 });
    await desk.note.getByRole("button", { name: "paracetamol", exact: true }).waitFor();
    for (let erased = 0; erased < 9; erased += 1) await page.keyboard.press("Backspace");
    await page.keyboard.type("loratadina 10 mg, caja con 20, 1 tab c/24h 5 d");
    await page.keyboard.press("Enter");
    const quantity = desk.note.getByLabel("Cantidad a surtir");
    await quantity.waitFor();
    assert.equal(await desk.note.getByLabel("Duración en días").inputValue(), "5");
    assert.equal(await desk.note.getByLabel("Vía", { exact: true }).inputValue(), "oral");
    await assertAccessible(page, "Renglón leído");
    await desk.change(() => page.keyboard.press("Control+Enter"));
    await desk.note.getByText("1 caja con 20 tabletas (calculada)").waitFor();
    await lookedAt("Consulta con renglón");
  });

  test("what cannot be is said at its field and nothing typed is lost", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("m");
    await page.keyboard.type("losartán 500.000 mg c/24h 400 d");
    await page.keyboard.press("Enter");
    await desk.note.getByText(/No se sabe si el punto separa miles/).first().waitFor();
    await desk.note.getByText(/de 1 a 365/).first().waitFor();
    assert.match(await desk.note.getByLabel("Dosis", { exact: true }).inputValue(), /^500\.000/);
    await page.keyboard.press("Escape");
    watch.assertQuiet("renglón imposible");
  });

  test("the medicines of a note are kept as a favourite and added by one step", async () => {
    await page.getByRole("link", { name: "Favoritos y recetas anteriores" }).first().click();
    await page.getByRole("heading", { name: "Favoritos y recetas anteriores" }).waitFor();
    const checked = page.locator("#renglones input:checked");
    while ((await checked.count()) > 0) await checked.first().uncheck();
    await page.getByRole("checkbox", { name: /^Loratadina/ }).check();
    await page.getByRole("textbox", { name: "Nombre" }).fill("Rinitis");
    await page.keyboard.press("Enter");
    await page.getByText("Guardado en sus favoritos y protocolos.").waitFor();
    await lookedAt("Favoritos");
    await page.getByRole("button", { name: /^Agregar\s*: Rinitis$/ }).focus();
    await page.keyboard.press("Enter");
    await desk.note.getByText("1 caja con 20 tabletas (calculada)").nth(1).waitFor();
    await page.goto(`${given.clinic.address}/cuenta/preferencias`);
    await page.getByRole("button", { name: /^Quitar\s*: Rinitis \(favorito\)$/ }).click();
    await page.getByText("Quitado de sus favoritos y protocolos.").waitFor();
    watch.assertQuiet("favoritos");
  });

  test("an earlier receta is renewed, line by line", async () => {
    await openReceta();
    await page.getByRole("link", { name: "Expediente" }).first().click();
    const start = page.getByRole("button", { name: /^Iniciar consulta/ });
    if (await start.count()) await start.first().click();
    else await page.getByRole("link", { name: "Seguir la consulta" }).click();
    await page.getByRole("link", { name: "Favoritos y recetas anteriores" }).first().click();
    await page.getByRole("button", { name: /^Renovar\s*: R-/ }).first().focus();
    await page.keyboard.press("Enter");
    await desk.proposed.filter({ hasText: "Continúa" }).first().waitFor();
    watch.assertQuiet("renovar");
  });

  test("a receta is cancelled with its reason, and every copy says so", async () => {
    await openReceta();
    await page.getByText("Cancelar esta receta").click();
    await page.getByLabel("Por qué se cancela").fill("Dosis equivocada");
    await page.getByLabel("Su contraseña").fill(physician(given.clinic).password);
    await page.keyboard.press("Enter");
    await page.getByText("Receta cancelada: no se surte.").waitFor();
    await lookedAt("Receta cancelada");
    const copy = await (await print(page)).body();
    const printed = execFileSync("pdftotext", ["-layout", "-", "-"], { input: copy, encoding: "utf8" });
    assert.match(printed, /CANCELADA/);
    const sheet = await page.request.get(`${page.url().split("?")[0]}/hoja`);
    const told = execFileSync("pdftotext", ["-layout", "-", "-"], { input: await sheet.body(), encoding: "utf8" });
    assert.match(told, /Esta hoja no es la receta/);
  });
}
