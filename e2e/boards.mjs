// Tableros, the course of a patient and what patients lack: accessible, every number with a list leads to it, who opens no
// records sees how many and not who, and the paper has the tables.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage } from "./browser.mjs";
import { go, signIn } from "./desk.mjs";
import { look as lookAt } from "./look.mjs";

/** Numbers are written in groups of three. */
const numberOf = (text) => Number(text.replace(/\s/g, ""));

export function boards(_engine, given) {
  let page;
  let watch;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  const look = (where) => lookAt(page, watch, where);
  const open = (path) => page.goto(new URL(path, given.clinic.address).href);

  /** The rows of a ranking that lead somewhere: where, and the number beside. */
  const leading = (where = page) =>
    where.locator(".ranks tr:has(a)").evaluateAll((rows) =>
      rows.map((row) => ({ href: row.querySelector("a").href, n: row.querySelector("td span").textContent })),
    );

  /** How many patients the list that is shown says it has. */
  async function listed() {
    const said = await page.getByText(/^[\d\s]+ pacientes?(, página|$)/).first().innerText();
    return numberOf(said.match(/^[\d\s]+/)[0]);
  }

  test("the practice, of the days nobody chose, of a year and of a hundred years", async () => {
    await go(page, /^Tableros/);
    await page.getByRole("heading", { name: "Consultas", exact: true, level: 2 }).waitFor();
    await look("La práctica");
    await page.getByRole("link", { name: "12 meses" }).click();
    await page.getByText(/, por mes/).waitFor();
    await look("La práctica, 12 meses");
    await page.getByLabel("Desde").fill("1/1/1926");
    await page.getByRole("button", { name: "Ver", exact: true }).click();
    await page.getByText(/de 1926 al .*, por año/).waitFor();
    await look("La práctica, cien años");
    watch.allow(422);
    await page.getByLabel("Desde").fill("31/2/2026");
    await page.getByRole("button", { name: "Ver", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await look("La práctica, un día que no existe");
  });

  test("a year of the demonstration has something in every part of the board", async () => {
    await open("/tableros");
    await page.getByRole("link", { name: "12 meses" }).click();
    await page.getByText(/, por mes/).waitFor();
    const parts = page.locator("main .ranks");
    for (let n = 0; n < (await parts.count()); n += 1) {
      const part = parts.nth(n);
      const title = await part.getByRole("heading").innerText();
      assert.ok((await part.locator("tbody tr").count()) > 0, `${title}: nothing`);
    }
    await page.getByText(/^Con recordatorio faltan \d+ puntos menos/).waitFor();
  });

  test("the numbers of a chapter add up to the number that leads there, and each code to its patients", async () => {
    await open("/tableros");
    await page.getByRole("link", { name: "5 años" }).click();
    await page.getByText(/, por mes/).waitFor();
    const chapters = await leading(page.locator("section", { has: page.getByRole("heading", { name: "Diagnósticos" }) }));
    assert.ok(chapters.length > 3, `${chapters.length} chapters`);
    for (const [n, chapter] of chapters.entries()) {
      await page.goto(chapter.href);
      const codes = await leading();
      const sum = codes.reduce((all, code) => all + numberOf(code.n), 0);
      assert.equal(sum, numberOf(chapter.n), `${chapter.href}: ${JSON.stringify(codes)}`);
      if (n === 0) await look("Códigos de un capítulo");
      for (const code of codes.slice(0, 2)) {
        await page.goto(code.href);
        const patients = await listed();
        assert.ok(patients >= 1 && patients <= numberOf(code.n), `${code.href}: ${patients} of ${code.n}`);
        assert.equal(await page.getByRole("main").locator("tbody tr").count(), patients);
      }
    }
    await look("Pacientes con un código");
    await page.getByRole("main").locator("tbody a").first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    await open("/tableros/calidad");
    await look("Tiempos imposibles");
  });

  test("every number of the practice that has a list leads to one that says the same", async () => {
    await open("/tableros");
    await page.getByRole("link", { name: "12 meses" }).click();
    await page.getByText(/, por mes/).waitFor();
    const ranked = await page.locator('main .ranks tr:has(a[href*="/tableros/lista"])').evaluateAll((rows) =>
      rows.map((row) => {
        const missed = row.querySelector("a").textContent.match(/faltaron ([\d\s]+) de/);
        return { href: row.querySelector("a").href, n: missed ? missed[1] : row.querySelector("td span").textContent };
      }),
    );
    const said = await page
      .locator("main .board-links a")
      .evaluateAll((links) => links.map((link) => ({ href: link.href, n: link.textContent.match(/^[\d\s]+/)[0] })));
    const months = await page.locator('main .numbers th a[href*="numero=consultas"]').evaluateAll((links) =>
      links.map((link) => ({ href: link.href, n: link.closest("tr").querySelector("td").textContent })),
    );
    assert.ok(ranked.length > 12 && said.length > 6 && months.length > 3, `${ranked.length} ${said.length} ${months.length}`);
    for (const [n, { href, n: number }] of [...ranked, ...said, ...months].entries()) {
      await page.goto(href);
      const lead = await page.locator("main .lead").innerText();
      assert.equal(numberOf(lead.match(/^[\d\s]+/)[0]), numberOf(number), `${href}: ${lead}`);
      assert.ok((await page.locator("main tbody tr").count()) > 0, href);
      if (n % 9 === 0) await look(`Lista: ${await page.getByRole("heading", { level: 1 }).innerText()}`);
    }
    await page.getByRole("main").locator("tbody a").first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
  });

  test("what patients lack: every number leads to as many patients, each a step from a visit", async () => {
    await open("/tableros/pendientes");
    await look("Pendientes de atención");
    const rows = await page.locator("main tbody tr:has(a)").evaluateAll((all) =>
      all.map((row) => ({ href: row.querySelector("a").href, due: row.querySelector("b").textContent })),
    );
    assert.ok(rows.length > 2, `${rows.length} lists`);
    const unled = await page.locator("main tbody tr:not(:has(a)) b").allInnerTexts();
    assert.ok(unled.every((due) => due === "0"), `without a list: ${unled}`);
    for (const [n, row] of rows.entries()) {
      await page.goto(row.href);
      assert.equal(await listed(), numberOf(row.due), row.href);
      assert.equal(await page.locator("main tbody tr").count(), numberOf(row.due), row.href);
      if (n === 0) await look("Pacientes a quienes les falta");
    }
    await page.getByRole("link", { name: /^Agendar/ }).first().click();
    await page.getByRole("heading", { name: /cita/i }).first().waitFor();
  });

  test("the week of surveillance", async () => {
    await open("/tableros/epidemiologia");
    await look("Vigilancia epidemiológica");
    await page.getByRole("link", { name: "Anterior" }).click();
    await page.getByRole("heading", { name: "Casos nuevos de la semana" }).waitFor();
    await look("Vigilancia epidemiológica, la semana anterior");
  });

  test("the course of an adult, of a child and of a pregnancy; each chart has its table, also on paper", async () => {
    for (const [name, chart] of [
      ["Tadeo", "Hemoglobina glucosilada"],
      ["Dominga|Capulín", "Peso para la edad"],
      ["Tepozán", "Fondo uterino"],
    ]) {
      await open("/pacientes");
      await page.getByRole("main").getByRole("link", { name: new RegExp(name) }).first().click();
      await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
      await page.goto(`${page.url().split("?")[0]}/curso`);
      await page.getByRole("img", { name: new RegExp(chart) }).first().waitFor();
      await look(`Curso, ${chart}`);
      await page.emulateMedia({ media: "print" });
      const charts = page.locator("figure.trend");
      for (let n = 0; n < (await charts.count()); n += 1) await assertTable(charts.nth(n));
      await page.emulateMedia({ media: null });
    }
  });

  test("on paper the board has the table of every chart and none of its buttons", async () => {
    await open("/tableros");
    await page.emulateMedia({ media: "print" });
    const charts = page.locator("figure.columns");
    assert.ok((await charts.count()) > 3);
    for (let n = 0; n < (await charts.count()); n += 1) await assertTable(charts.nth(n));
    for (const gone of [page.locator(".board-filter"), page.locator(".board-tabs"), page.locator("summary").first()]) {
      assert.equal(await gone.isVisible(), false);
    }
    await page.emulateMedia({ media: null });
  });

  test("a question is put together, answered with who they are, and kept under a name", async () => {
    await open("/tableros/preguntas");
    await look("Preguntas");
    await page.getByLabel("Diagnóstico", { exact: true }).fill("diabetes tipo 2");
    await page.getByRole("button", { name: "Agregar diagnóstico" }).click();
    await look("Preguntas, códigos entre los que se elige");
    await page.getByRole("button", { name: /^5A11 / }).click();
    await page.getByRole("button", { name: "Ver respuesta" }).click();
    await page.getByRole("link", { name: "Tadeo Encino Valle" }).waitFor();
    await page.getByText("Pacientes con «Diabetes mellitus tipo 2» (5A11) como problema activo", { exact: true }).waitFor();
    await look("Preguntas, con respuesta");
    await page.locator("#nombre").fill("Diabetes en seguimiento");
    await page.getByRole("button", { name: "Guardar pregunta" }).click();
    await page.getByRole("link", { name: "Diabetes en seguimiento" }).click();
    await page.getByRole("link", { name: "Tadeo Encino Valle" }).waitFor();
    await look("Preguntas, una guardada");
  });

  test("a report is made at once, and is a PDF", async () => {
    await open("/tableros/informes");
    await look("Informes, vacío");
    await page.getByLabel("Cada cuánto").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Guardar", exact: true }).click();
    await page.getByRole("button", { name: "Hacer ahora" }).click();
    const made = page.locator(".reports a").first();
    await made.waitFor();
    await look("Informes, uno hecho");
    const answer = await page.request.get(await made.evaluate((link) => link.href));
    assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-");
  });

  test("who opens no records sees how many and not who", async () => {
    const { page: other, watch: its } = await openPage(given.browser);
    await signIn(other, given.clinic, given.clinic.logins.find(({ user }) => user === "auditoria"));
    for (const path of ["/tableros", "/tableros/epidemiologia", "/tableros/pendientes"]) {
      await other.goto(new URL(path, given.clinic.address).href);
      await lookAt(other, its, `${path}, de auditoría`);
      assert.equal(await other.locator('main a[href*="/pacientes"], main a[href*="/lista"], main a[href*="control="]').count(), 0, path);
    }
    await other.goto(new URL("/tableros", given.clinic.address).href);
    await other.getByText("menos de 5").first().waitFor();
    its.allow(403);
    for (const path of ["/tableros/calidad", "/tableros/lista?numero=consultas", "/tableros/pacientes?codigo=5A11", "/tableros/pendientes?control=hba1c"]) {
      const answer = await other.goto(new URL(path, given.clinic.address).href);
      assert.equal(answer.status(), 403, path);
    }
    await other.context().close();
  });
}

/** The table of a figure stands on the page with at least one row. */
async function assertTable(figure) {
  const title = await figure.locator("h3, svg title").first().textContent();
  const rows = figure.locator("table tbody tr");
  assert.ok((await rows.count()) > 0, `${title}: no table`);
  const box = await rows.first().boundingBox();
  assert.ok(box && box.height > 0 && box.width > 0, `${title}: its table is not on the paper`);
}
