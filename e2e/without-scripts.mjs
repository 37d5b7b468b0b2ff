// A browser that runs no scripts: the same consultation can be read, reviewed and signed, one page after another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, physician, sign, signIn } from "./desk.mjs";

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

  test("the last waiting consultation is reviewed and signed", async () => {
    await page.goto(given.clinic.address);
    await openWaiting(page, -1);
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
}
