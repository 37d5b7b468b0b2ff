// The agenda as reception and a physician use it: a visit is booked, dragged to another hour and put back, moved by keyboard,
// and its patient arrives and is seen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { physician, signIn } from "./desk.mjs";

const DAY_MS = 86_400_000;

export function agenda(_engine, given) {
  let page;
  let watch;
  let visit;
  let name;
  let day;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    const reception = given.clinic.logins.find(({ user }) => user === "recepcion");
    await signIn(page, given.clinic, reception);
  });
  after(() => page?.context().close());

  const line = () => page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
  const hour = () => line().locator("time").innerText();
  // Another visit of the day may have that hour too, so it is asked of this one.
  const at = async (time) => {
    for (const end = Date.now() + 15_000; Date.now() < end && (await hour()) !== time; ) await page.waitForTimeout(50);
  };
  const free = () => page.getByRole("link", { name: / libre, / });

  test("a visit is booked at the first free hour of a physician", async () => {
    // Who waits for an hour is offered each one that a move frees, and it is kept for them: no undo gets it back.
    await page.goto(`${given.clinic.address}/agenda/espera`);
    const off = page.getByRole("main").getByRole("button", { name: /^Quitar/ });
    for (let left = await off.count(); left > 0; left -= 1) {
      await off.first().click();
      await page.waitForFunction((before) => [...document.querySelectorAll("main button")].filter((one) => one.textContent.startsWith("Quitar")).length < before, left);
    }
    const from = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10);
    await page.goto(`${given.clinic.address}/agenda/nueva?dia=${from}`);
    await page.getByRole("searchbox").fill("ahuehuete");
    await page.getByRole("button", { name: "Buscar paciente" }).click();
    await page.getByRole("link", { name: /Ahuehuete/ }).first().click();
    await page.getByLabel("Con", { exact: true }).selectOption({ label: physician(given.clinic).name });
    await page.getByRole("button", { name: "Ver horas libres" }).click();
    const hours = page.getByRole("heading", { name: "Horas libres" }).locator("xpath=ancestor::form").getByRole("button");
    await hours.first().click();
    await page.getByText("Cita agendada.").waitFor();
    visit = new URL(page.url()).pathname;
    name = await page.getByRole("heading", { level: 1 }).innerText();
    await page.getByRole("link", { name: "Agenda de ese día" }).click();
    await line().waitFor();
    day = page.url();
  });

  test("it is dragged to a free hour and put back with one press", async () => {
    const was = await hour();
    const to = free().last();
    const then = await to.evaluate((gap) => gap.firstChild.textContent.trim());
    await line().dragTo(to, { sourcePosition: { x: 120, y: 20 } });
    await page.getByText("Cita movida.").waitFor();
    assert.equal(await hour(), then);
    await page.getByRole("button", { name: "Deshacer" }).click();
    await at(was);
    assert.equal(await hour(), was);
  });

  test("it is moved with the keyboard alone, and left where it is with Escape", async () => {
    await page.goto(day);
    const was = await hour();
    await line().getByRole("link", { name: /^Mover/ }).focus();
    await page.keyboard.press("m");
    await page.getByRole("button", { name: "Dejarla donde está" }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement.textContent.includes(" libre, ")), "a free hour has the focus");
    await page.keyboard.press("Escape");
    assert.ok(await line().getByRole("link", { name: /^Mover/ }).evaluate((link) => link === document.activeElement));
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowRight");
    const then = await page.evaluate(() => document.activeElement.firstChild.textContent.trim());
    assert.notEqual(then, was);
    await page.keyboard.press("Enter");
    await page.getByText("Cita movida.").waitFor();
    assert.equal(await hour(), then);
    // Keys are heard once the page has its scripts.
    await page.waitForLoadState();
    await page.keyboard.press("z");
    await at(was);
    assert.equal(await hour(), was);
  });

  test("who arrives is seen by the physician, and the history of the visit says so", async () => {
    await page.goto(given.clinic.address + visit);
    await page.getByRole("button", { name: "Ya llegó" }).click();
    await page.getByText("Cita actualizada.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Iniciar consulta" }).count(), 0, "reception begins no consultation");
    const [record] = /\/pacientes\/[0-9a-f-]{36}/.exec(await page.getByRole("link", { name: "Datos del paciente" }).getAttribute("href"));
    const other = await openPage(given.browser);
    await signIn(other.page, given.clinic);
    // Their consultation is open since the check-in, and in the record it is none in course.
    await other.page.goto(given.clinic.address + record);
    await other.page.getByText(/El paciente está en la sala: llegó a las \d\d:\d\d y espera su consulta con /).waitFor();
    const inCourse = other.page.getByRole("listitem").getByText("Por firmar", { exact: true });
    const before = await inCourse.count();
    await assertAccessible(other.page, "expediente de quien espera");
    await other.page.goto(given.clinic.address + visit);
    await other.page.getByRole("button", { name: "Iniciar consulta" }).click();
    await other.page.waitForURL(/\/consultas\//);
    await other.page.goto(given.clinic.address + record);
    await other.page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    assert.equal(await inCourse.count(), before + 1, "only now");
    assert.equal(await other.page.getByText(/El paciente está en la sala/).count(), 0);
    await other.page.context().close();
    await page.reload();
    await page.getByText("En consulta: Se abrió su consulta").waitFor();
    watch.assertQuiet("agenda");
  });
}
