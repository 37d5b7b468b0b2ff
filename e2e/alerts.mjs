// An alert about medicines: what it says and from where, what going on asks for, and what is promised with it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, signIn } from "./desk.mjs";

/** In the words of the physician; who signs the note looks for it in the record. */
export const PROMISE = "INR en diez días";

/** A day as a date field takes it. */
function inTenDays() {
  return new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

/**
 * @param {"sqlite" | "postgres"} engine
 * @param {{browser: import("playwright-core").Browser, clinic: import("./clinic.mjs").Clinic}} given filled before the tests run
 */
export function alerts(engine, given) {
  let page;
  let watch;
  let alert;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
    await openWaiting(page, /Ahuehuete/);
    alert = desk.queue.getByRole("article", { name: /^Naproxeno con warfarina/ });
  });
  after(() => page?.context().close());

  test("it says the risk, what to do and how grave it is, and by keyboard why and from where", async () => {
    await alert.getByText("Mayor", { exact: true }).waitFor();
    const detail = alert.getByText("Detalle y fuentes");
    await detail.focus();
    await page.keyboard.press("Enter");
    for (const term of ["Mecanismo", "Qué hacer", "Fuentes"]) await alert.getByText(term, { exact: true }).waitFor();
    await assertAccessible(page, "Alerta con detalle");
    watch.assertQuiet("alerta");
  });

  test("going on asks for a coded reason, and a promise for its day; what was typed stays", async () => {
    await alert.getByText("Mantener y dar motivo").click();
    await alert.getByLabel(/^Con sus palabras/).fill(PROMISE);
    watch.allow(422);
    await alert.getByRole("button", { name: "Mantener con este motivo" }).click();
    await alert.getByText("Elija un motivo").waitFor();
    assert.equal(await alert.getByLabel(/^Con sus palabras/).inputValue(), PROMISE);
    await assertAccessible(page, "Alerta sin motivo");
    await alert.getByLabel("Motivo").selectOption({ label: "Se vigilará" });
    await alert.getByLabel("Día de la revisión").fill("2020-01-01");
    await alert.getByRole("button", { name: "Mantener con este motivo" }).click();
    await alert.getByText(/todavía no haya pasado/).waitFor();
    await alert.getByLabel("Día de la revisión").fill(inTenDays());
    await desk.change(() => alert.getByRole("button", { name: "Mantener con este motivo" }).click());
    await alert.getByText(PROMISE).waitFor();
    await assertAccessible(page, "Alerta con motivo");
  });

  test("a decision can be taken back and given again", async () => {
    await desk.change(() => alert.getByRole("button", { name: "Cambiar la decisión" }).click());
    await alert.getByText("Mantener y dar motivo").click();
    await alert.getByLabel("Motivo").selectOption({ label: "Se vigilará" });
    await alert.getByLabel("Día de la revisión").fill(inTenDays());
    await alert.getByLabel(/^Con sus palabras/).fill(PROMISE);
    await desk.change(() => alert.getByRole("button", { name: "Mantener con este motivo" }).click());
  });

  test("what the check went by can be read, and nothing says that it is safe", async () => {
    await desk.queue.getByText("Con qué se revisó").click();
    await desk.queue.getByText(/reglas del \d{4}-\d{2}-\d{2}/).waitFor();
    assert.equal(await page.getByText(/es seguro/).count(), 0);
  });
}
