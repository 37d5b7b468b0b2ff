// Codes by keyboard only: the search box, the CIE-10 code beside the chosen one, favourites, chapters, what makes a code more
// precise, and confirmation;
// and a release of ICD-11 brought in on its page of administration. The release is invented: `testdata/cie11`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { Desk, openWaiting, signIn } from "./desk.mjs";
import { VIEWS, overflowsSideways } from "./shots.mjs";

const TABS = 250;
const sample = (name) => fileURLToPath(new URL(`../testdata/cie11/${name}`, import.meta.url));
const RELEASE = ["SimpleTabulation-ICD-11-MMS-es.txt", "SimpleTabulation-ICD-11-MMS-en.txt", "11To10MapToOneCategory.txt", "10To11MapToMultipleCategories.txt"].map(sample);

export function coding(_engine, given) {
  let page;
  let watch;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  /** Presses Tab until what matches the selector has the focus. */
  async function tabTo(selector) {
    for (let pressed = 0; pressed < TABS; pressed += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    assert.fail(`${selector} is not reached with Tab`);
  }

  /** The diagnosis without a code whose search is opened, by keyboard; its short mark. */
  async function openSearch() {
    await tabTo('article[id^="codigo-"] summary');
    await page.keyboard.press("Enter");
    await tabTo('article[id^="codigo-"] input[name="q"]');
    return page.evaluate(() => document.activeElement.id.replace("cie-", ""));
  }

  async function chosen() {
    return page.evaluate(() => document.activeElement.value);
  }

  test("a damaged file is refused in plain words and a release is imported and used", async () => {
    await page.goto(`${given.clinic.address}/cie11`);
    await page.getByText("Catálogo incluido").waitFor();
    watch.allow(422);
    await page.getByLabel("Archivos de la OMS").setInputFiles([{ name: "SimpleTabulation-ICD-11-MMS-es.zip", mimeType: "application/zip", buffer: Buffer.from("PK\u0003\u0004 cortado") }]);
    await page.getByRole("button", { name: "Importar" }).click();
    await page.getByRole("alert").getByText(/está incompleto o dañado.*No se cambió nada/).waitFor();
    await assertAccessible(page, "Catálogo CIE-11, archivo dañado");
    await page.getByLabel("Archivos de la OMS").setInputFiles(RELEASE);
    await page.getByRole("button", { name: "Importar" }).click();
    await page.getByText("Edición importada y en uso").waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize(VIEWS[width]);
      await assertAccessible(page, `Catálogo CIE-11, ${width}`);
      assert.equal(await overflowsSideways(page), false, `Catálogo CIE-11 scrolls sideways at ${width}`);
    }
    await page.setViewportSize(VIEWS[1440]);
    watch.assertQuiet("Catálogo CIE-11");
  });

  test("a code is searched, its CIE-10 code chosen and both confirmed with the keyboard alone", async () => {
    await page.goto(`${given.clinic.address}/hoy`);
    await openWaiting(page);
    const mark = await openSearch();
    await page.keyboard.type("hipertensoin esencial", { delay: 20 });
    const found = page.locator(`#cie-r-${mark}`);
    await found.getByText("Hipertensión esencial, sin especificación").waitFor();
    await tabTo(`#cie-r-${mark} input[type="radio"]`);
    for (let moved = 0; (await chosen()) !== "BA00.Z"; moved += 1) {
      assert.ok(moved < 12, "BA00.Z is not reached with the arrows");
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.name), "cie10-BA00.Z");
    await page.keyboard.press("ArrowDown");
    assert.equal(await chosen(), "I15.9");
    await tabTo(`#cie-r-${mark} button[type="submit"]`);
    await desk.change(() => page.keyboard.press("Enter"));
    await page.getByText("Código BA00.Z con CIE-10 I15.9 confirmado").first().waitFor();
    await desk.note.getByText("BA00.Z", { exact: true }).waitFor();
    await assertAccessible(page, "Consulta con código confirmado");
    watch.assertQuiet("búsqueda de código");
  });

  test("a favourite is kept and the chapters are walked down to a code with the keyboard alone", async () => {
    await page.goto(`${given.clinic.address}/hoy`);
    await openWaiting(page, 1);
    await openSearch();
    await tabTo('article[id^="codigo-"] a[href*="/cie?"]');
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Código de «/ }).waitFor();
    await page.getByRole("region", { name: "Recientes" }).getByText("BA00.Z").waitFor();
    await tabTo("#q");
    await page.keyboard.type("J18.9");
    await page.keyboard.press("Enter");
    await page.getByText("Neumonía, organismo sin especificación").waitFor();
    await tabTo('button[name="guardar"][value="CA40.Z"]');
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Favoritos" }).getByText("CA40.Z").waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize(VIEWS[width]);
      await assertAccessible(page, `Buscar código, ${width}`);
      assert.equal(await overflowsSideways(page), false, `Buscar código scrolls sideways at ${width}`);
    }
    await page.setViewportSize(VIEWS[1440]);
    for (const place of ["05", "BlockL1-5A0", "BlockL2-5A1", "5A11"]) {
      await tabTo(`.branch a[href*="lugar=${place}"]`);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.searchParams.get("lugar") === place);
    }
    await tabTo('#capitulos input[value="5A11"]');
    await tabTo('#capitulos button:not([name])');
    await page.keyboard.press("Enter");
    await desk.note.getByText("5A11", { exact: true }).waitFor();
    watch.assertQuiet("capítulos");
  });

  test("a code is made more precise and the cluster is confirmed with the keyboard alone", async () => {
    await page.goto(`${given.clinic.address}/cie11`);
    await page.getByRole("button", { name: "Usar el catálogo incluido" }).click();
    await page.getByText("Desde ahora los códigos se buscan").waitFor();
    await page.goto(`${given.clinic.address}/hoy`);
    await openWaiting(page, /Ahuehuete/);
    const mark = await openSearch();
    await page.keyboard.type("gonartrosis", { delay: 20 });
    await page.locator(`#cie-r-${mark}`).getByText("Osteoartritis de la rodilla, sin especificación").waitFor();
    await tabTo(`#cie-r-${mark} input[type="radio"]`);
    for (let moved = 0; (await chosen()) !== "FA01.Z"; moved += 1) {
      assert.ok(moved < 12, "FA01.Z is not reached with the arrows");
      await page.keyboard.press("ArrowDown");
    }
    await tabTo(`#cie-r-${mark} button[name="precisar"]`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Precisar FA01.Z" }).waitFor();
    const reads = page.getByRole("region", { name: "Código con lo elegido" });
    await tabTo('input[name="eje-lado"]');
    while ((await chosen()) !== "XK9K") await page.keyboard.press("ArrowDown");
    await reads.getByText("Osteoartritis de la rodilla, sin especificación [Derecho]").first().waitFor();
    await tabTo('input[name="otros"]');
    await page.keyboard.type("XK8G");
    await page.keyboard.press("Enter");
    await reads.getByRole("alert").getByText("De «Lado» se elige uno: «Derecho» y «Izquierdo» no van juntos.").waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize(VIEWS[width]);
      await assertAccessible(page, `Precisar código, ${width}`);
      assert.equal(await overflowsSideways(page), false, `Precisar código scrolls sideways at ${width}`);
    }
    await page.setViewportSize(VIEWS[1440]);
    await tabTo('input[name="otros"]');
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.keyboard.press("Enter");
    await reads.getByRole("button", { name: "Confirmar código" }).waitFor();
    await tabTo('#precisado button[type="submit"]');
    await page.keyboard.press("Enter");
    await desk.note.getByText("FA01.Z&XK9K: Osteoartritis de la rodilla, sin especificación [Derecho]", { exact: true }).waitFor();
    watch.assertQuiet("precisar");
  });
}
