// The tools of these tests, tried on a page made here: each must be able to fail.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertAccessible, violations } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { readAnnouncement, startClinic } from "./clinic.mjs";
import { overflowsSideways, takeShots } from "./shots.mjs";

const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;

const GOOD = `<!doctype html><html lang="es"><head><meta charset="utf-8">${POLICY}<title>Hoy</title></head>
<body><main><h1>Hoy</h1><label for="q">Buscar</label> <input id="q"></main></body></html>`;

const BAD = `<!doctype html><html><head><meta charset="utf-8">${POLICY}<title>Hoy</title></head>
<body><main><h1 style="color: #bbb; background: #ccc">Hoy</h1><input><button></button></main></body></html>`;

describe("the page tools", () => {
  let browser;
  let folder;
  before(async () => {
    browser = await launchBrowser();
    folder = mkdtempSync(join(tmpdir(), "medicus-shots-"));
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function show(html) {
    const opened = await openPage(browser);
    await opened.page.setContent(html);
    return opened;
  }

  test("a good page passes the accessibility check under a strict content policy", async () => {
    const { page, context } = await show(GOOD);
    await assertAccessible(page, "good page");
    await context.close();
  });

  test("missing names, language and contrast are serious violations", async () => {
    const { page, context } = await show(BAD);
    const found = (await violations(page)).map(({ id }) => id);
    for (const id of ["button-name", "html-has-lang", "label", "color-contrast"]) assert.ok(found.includes(id), id);
    await assert.rejects(assertAccessible(page, "bad page"), /bad page: \d serious violations[\s\S]*button-name/);
    await context.close();
  });

  test("pictures are taken at three widths, in the dark and on paper", async () => {
    const { page, context } = await show(GOOD);
    const widths = (await takeShots(page, "hoy", folder)).map((file) => readFileSync(file).readUInt32BE(16));
    assert.deepEqual([...widths].sort((a, b) => a - b), [390, 816, 1024, 1440, 1440]);
    assert.deepEqual(page.viewportSize(), { width: 1440, height: 900 });
    await context.close();
  });

  test("a page wider than the phone is noticed", async () => {
    const { page, context } = await show(GOOD);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await overflowsSideways(page), false);
    await page.setContent(GOOD.replace("<h1>", '<h1 style="width: 900px">'));
    assert.equal(await overflowsSideways(page), true);
    await context.close();
  });

  test("a request to another host and a script error are noticed", async () => {
    const { page, watch, context } = await show(GOOD.replace(POLICY, ""));
    watch.assertQuiet("good page");
    await page.route("https://example.org/**", (route) => route.abort());
    await page.evaluate(() => fetch("https://example.org/x").catch(() => undefined));
    const thrown = page.waitForEvent("pageerror");
    await page.evaluate(() => setTimeout(() => { throw new Error("broken"); }));
    await thrown;
    assert.throws(() => watch.assertQuiet("bad page"), /asked example\.org[\s\S]*script: broken/);
    await context.close();
  });
});

describe("the clinic", () => {
  test("its address and logins are read once the list of logins is complete", () => {
    const text =
      "\nMedicus está listo en  https://127.0.0.1:4433\n\nCuentas:\n" +
      "  usuario ana    contraseña azul-7-mesa   Dra. Ana Flores\n" +
      "  usuario rita   contraseña azul-7-mesa   Rita Paz, recepción\n\nPara terminar, presione Ctrl C.\n";
    assert.deepEqual(readAnnouncement(text), {
      address: "https://127.0.0.1:4433",
      logins: [
        { user: "ana", name: "Dra. Ana Flores", password: "azul-7-mesa" },
        { user: "rita", name: "Rita Paz, recepción", password: "azul-7-mesa" },
      ],
    });
    assert.equal(readAnnouncement(text.slice(0, text.indexOf("  usuario rita"))), undefined);
  });

  test("a program that ends before it names an address is an error with its words", async () => {
    await assert.rejects(startClinic("sqlite", { program: "/bin/echo" }), /ended with code 0\n.*demo --port 0/);
  });

  test("a program that is not there is an error", async () => {
    await assert.rejects(startClinic("sqlite", { program: "./no-such-program" }), /could not start/);
  });
});
