// The main job with real clicks: a waiting consultation is reviewed, signed, printed, and stays as it is.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { psql } from "./clinic.mjs";
import { Desk, openWaiting, physician, print, sign, signIn } from "./desk.mjs";

const OWN_WORDS = "dicho con mis palabras";
const CORRECTION = "También refirió mareo al levantarse.";

/**
 * @param {"sqlite" | "postgres"} engine
 * @param {{browser: import("playwright-core").Browser, clinic: import("./clinic.mjs").Clinic}} given filled before the tests run
 */
export function mainJob(engine, given) {
  let page;
  let watch;
  let desk;
  let olderTab;
  let signedAt;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
  });
  after(() => page?.context().close());

  test("the physician signs in and sees what waits to be written", async () => {
    await signIn(page, given.clinic);
    await assertAccessible(page, "Hoy");
    await openWaiting(page);
    await assertAccessible(page, "Consulta");
    watch.assertQuiet("Hoy y Consulta");
  });

  test("pointing at a sentence lights the words it rests on", async () => {
    const sentence = desk.proposed.first();
    await desk.select(sentence);
    await sentence.getByText(/^\d+ citas?$/).click();
    const quote = (await sentence.getByRole("listitem").first().innerText()).replace(/^[\s\S]*«|»[\s\S]*$/g, "");
    const lit = desk.transcript.getByText(quote).locator("visible=true").first();
    await lit.waitFor();
    const backgrounds = await lit.evaluate((words) => {
      const mark = words.closest("mark") ?? words.querySelector("mark") ?? words;
      return [getComputedStyle(mark).backgroundColor, getComputedStyle(mark.closest("p")).backgroundColor];
    });
    assert.notEqual(backgrounds[0], backgrounds[1], `"${quote}" is not lit`);
  });

  test("a sentence can be put aside and taken back", async () => {
    const discarded = desk.note.getByRole("listitem").filter({ hasText: /^\s*Descartada:/ });
    const count = await desk.proposed.count();
    await desk.decide(desk.proposed.first(), "Descartar");
    assert.equal(await desk.proposed.count(), count - 1);
    assert.equal(await discarded.count(), 1);
    await desk.decide(discarded.first(), "Recuperar");
    assert.equal(await discarded.count(), 0);
  });

  test("a sentence can be written in other words", async () => {
    const first = desk.proposed.first();
    await desk.select(first);
    await first.getByRole("link", { name: /^Editar/ }).click();
    const field = desk.note.getByLabel("Oración");
    await field.fill(`${(await field.inputValue()).replace(/\.$/, "")} (${OWN_WORDS}).`);
    await desk.change(() => desk.note.getByRole("button", { name: /^Guardar/ }).click());
    await desk.note.getByText(OWN_WORDS).waitFor();
  });

  test("it cannot be signed while something is pending", async () => {
    const here = page.url();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await page.getByText(/^Falta resolver \d+ pendientes?$/).waitFor();
    assert.equal(await page.getByLabel("Contraseña").count(), 0);
    await assertAccessible(page, "Falta resolver");
    await page.goto(here);
  });

  test("everything is accepted, medicines are completed, codes confirmed, alerts resolved", async () => {
    await desk.acceptEverything();
    await desk.removeDuplicates();
    await desk.completeMedicines();
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    await desk.fillGaps();
    await page.getByText("Nada pendiente").waitFor();
    await assertAccessible(page, "Consulta lista");
    watch.assertQuiet("revisión");
    olderTab = await page.context().newPage();
    await olderTab.goto(page.url());
  });

  test("signing asks for the password and seals the note", async () => {
    const { password } = physician(given.clinic);
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await assertAccessible(page, "Firma");
    watch.allow(422);
    await assert.rejects(sign(page, "no es esta"), /not signed: .*contraseña/i);
    await sign(page, password);
    await page.getByRole("status").getByText(/^Firmado /).waitFor();
    await assertAccessible(page, "Documento firmado");
    signedAt = page.url();
  });

  test("the signed PDF is there, whole, and names patient, physician, licence and digest", async () => {
    const answer = await print(page);
    assert.equal(answer.status(), 200);
    assert.equal(answer.headers()["content-type"], "application/pdf");
    const printed = execFileSync("pdftotext", ["-layout", "-", "-"], { input: await answer.body(), encoding: "utf8" });
    const text = printed.replace(/\s+/g, " ");
    const patient = await page.getByRole("heading", { level: 1 }).innerText();
    const signer = physician(given.clinic).name.replace(/^Dra?\. /u, "");
    for (const words of [patient, signer, "Cédula profesional", OWN_WORDS]) assert.ok(text.includes(words), words);
    // Shown in groups of four, for reading aloud.
    const shown = await page.getByText(/^([0-9a-f]{4}\s){15}[0-9a-f]{4}$/).first().innerText();
    const digest = shown.replace(/\s/g, "");
    assert.ok(text.replace(/ /g, "").includes(digest), "the digest of the content is on the paper");
  });

  test("a signed note offers no way to change it", async () => {
    await page.goto(signedAt);
    for (const word of [/^Editar/, /^Descartar/, /^Eliminar/]) {
      assert.equal(await page.getByRole("button", { name: word }).count(), 0);
      assert.equal(await page.getByRole("link", { name: word }).count(), 0);
    }
  });

  test("a tab left open from before the signature cannot change it either", async () => {
    const older = new Desk(olderTab);
    const sentence = older.note.getByRole("listitem").first();
    await older.select(sentence);
    await sentence.getByRole("button", { name: /^Descartar/ }).click();
    await olderTab.getByText(/ya está firmada/i).first().waitFor();
    await page.reload();
    await page.getByText("El contenido coincide con lo que se firmó").waitFor();
    await olderTab.close();
  });

  test("a correction is an addendum, and the original says it has one", async () => {
    await page.goto(signedAt);
    await page.getByRole("link", { name: "Agregar adenda" }).click();
    await assertAccessible(page, "Adenda");
    await page.getByLabel("Motivo").fill("Dato incompleto");
    await page.getByLabel("Aclaración").fill(CORRECTION);
    await page.getByLabel("Contraseña").fill(physician(given.clinic).password);
    await page.getByRole("button", { name: "Firmar adenda" }).click();
    await page.getByText(CORRECTION).waitFor();
    await page.goto(signedAt);
    await page.getByText(/Este documento tiene 1 adenda/).waitFor();
    watch.assertQuiet("adenda");
  });

  // The file of the embedded engine cannot be opened from outside; `storage` tries the same on it.
  if (engine !== "postgres") return;
  test("direct SQL as owner cannot change or remove it", () => {
    for (const sql of [
      "UPDATE signed_document SET content = 'otra cosa'",
      "DELETE FROM signed_document",
      "TRUNCATE signed_document CASCADE",
    ]) {
      assert.throws(() => psql(given.clinic.database, sql), /SIGNED_IMMUTABLE/, sql);
    }
  });
}
