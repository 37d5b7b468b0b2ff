// A browser that runs no scripts: the same consultation can be read, reviewed and signed, one page after another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PROMISE } from "./alerts.mjs";
import { openPage } from "./browser.mjs";
import { Desk, go, openWaiting, physician, sign, signIn } from "./desk.mjs";

export function withoutScripts(_engine, given) {
  let page;
  let watch;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser, { javaScriptEnabled: false }));
    desk = new Desk(page);
  });
  after(() => page?.context().close());

  test("a patient is found with the search button", async () => {
    await signIn(page, given.clinic);
    await page.getByRole("searchbox").fill("ahuehuete");
    await page.getByRole("button", { name: "Buscar" }).click();
    await page.getByRole("link", { name: /Ahuehuete/ }).first().waitFor();
  });

  test("a waiting consultation is reviewed and signed", async () => {
    await page.goto(given.clinic.address);
    await openWaiting(page, /Ahuehuete/);
    await desk.acceptEverything();
    await desk.removeDuplicates();
    await desk.completeMedicines();
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    await desk.fillGaps();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await sign(page, physician(given.clinic).password);
    assert.equal(await page.getByRole("button", { name: "Imprimir" }).count(), 1);
    watch.assertQuiet("sin guiones");
  });

  test("what was promised with an alert waits in the record until somebody notes what was found", async () => {
    await go(page, /^Pacientes/);
    await page.getByRole("searchbox").fill("ahuehuete");
    await page.getByRole("button", { name: "Buscar" }).click();
    await page.waitForURL(/[?&]q=ahuehuete/);
    await page.getByRole("link", { name: /Ahuehuete/ }).first().click();
    const promise = page.getByRole("listitem").filter({ hasText: PROMISE });
    await promise.getByText("Anotar lo que se encontró").click();
    await promise.getByLabel("Resultado").fill("INR 2.4, sin sangrado");
    await promise.getByRole("button", { name: "Anotar" }).click();
    await page.getByText("ya no está pendiente").waitFor();
    assert.equal(await promise.count(), 0);
  });
}
