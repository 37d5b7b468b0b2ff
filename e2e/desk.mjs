// What a physician does on the pages, by the names a person or a screen reader knows them by.

import assert from "node:assert/strict";

const POLL_MS = 20;
const CHANGE_TIMEOUT_MS = 15_000;
/** How long a signature may take. */
export const SIGN_TIMEOUT_MS = 60_000; // Two PDFs, in a debug build, perhaps beside other work.

/** Someone of the clinic who signs notes: their printed name begins with their title. */
export function physician(clinic) {
  const login = clinic.logins.find(({ name }) => /^Dra?\. /u.test(name));
  assert.ok(login, `no physician among ${clinic.logins.map(({ name }) => name).join(", ")}`);
  return login;
}

export async function signIn(page, clinic, login = physician(clinic)) {
  await page.goto(clinic.address);
  await page.getByLabel("Usuario").fill(login.user);
  await page.getByLabel("Contraseña").fill(login.password);
  await page.getByRole("button", { name: "Entrar" }).click();
  await page.getByRole("navigation", { name: "Principal" }).waitFor();
}

/** Prints the signed document that is open, as its button does; the answer is the PDF. `more` are fields of the form. */
export async function print(page, more = {}) {
  const form = page.locator('form[action$="/impresiones"]').first();
  const action = await form.getAttribute("action");
  const token = await form.locator('input[name="_token"]').getAttribute("value");
  return page.request.post(new URL(action, page.url()).href, { form: { _token: token, ...more } });
}

/** Goes to a place of the main navigation. */
export async function go(page, place) {
  await page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name: place }).click();
}

/** Opens one of the consultations of today that wait to be written, by its place in the list or its patient. */
export async function openWaiting(page, which = 0) {
  const waiting = page.getByRole("region", { name: /^Por escribir/ }).getByRole("link");
  await (typeof which === "number" ? waiting.nth(which) : waiting.filter({ hasText: which })).click();
  await page.getByRole("region", { name: "Turnos de la conversación" }).waitFor();
  // The keys work once the scripts have run; the page can be seen before.
  await page.waitForLoadState();
}

/** From Hoy to the recorder of a consultation that waits. */
export async function openRecorder(page, which = 0) {
  await openWaiting(page, which);
  const start = page.getByRole("link", { name: "Grabar la conversación" });
  if (!(await start.isVisible())) await page.getByText("Traer otra transcripción").click();
  await start.click();
  await page.getByRole("heading", { name: "Grabación de la consulta" }).waitFor();
}

/**
 * A new visit without a conversation, of the first patient who has none open and whom it suits: `suits` is asked with the age
 * as the list says it, "8 años, hombre".
 */
export async function startEmptyVisit(page, address, suits = () => true) {
  await page.goto(`${address}/pacientes`);
  const records = await page.locator('a[href^="/pacientes/"]').evaluateAll((all) =>
    all.map((link) => ({ href: link.href, age: link.closest("tr")?.cells[1]?.textContent ?? "" })),
  );
  for (const record of records.filter(({ href, age }) => /[0-9a-f-]{36}$/.test(href) && suits(age))) {
    await page.goto(record.href);
    const begin = page.getByRole("button", { name: "Iniciar consulta" });
    if ((await begin.count()) === 0) continue;
    await begin.first().click();
    await page.waitForURL(/\/consultas\//);
    return;
  }
  assert.fail("every patient whom it suits has an open visit");
}

/** The same with a conversation; its address. */
export async function startVisit(page, clinic, talk, suits) {
  await startEmptyVisit(page, clinic.address, suits);
  await page.getByLabel(/^O pegue el texto/).fill(talk);
  await page.getByRole("button", { name: "Leer y proponer la nota" }).click();
  await page.locator("#nota .sentence[data-pending]").first().waitFor();
  return new URL(page.url()).pathname;
}

/** The consultation being reviewed: transcript, note, and what is missing before it can be signed. */
export class Desk {
  constructor(page) {
    this.page = page;
    this.transcript = page.getByRole("region", { name: "Turnos de la conversación" });
    this.note = page.getByRole("region", { name: "Oraciones de la nota" });
    this.queue = page.getByRole("region", { name: "Lo que falta antes de firmar" });
    this.proposed = this.note.getByRole("listitem").filter({ hasText: /^\s*Propuesta:/ });
    this.codes = this.queue.getByRole("article", { name: /^CIE-11 de/ });
    this.alerts = this.queue.getByRole("article").filter({ hasText: "Mantener y dar motivo" });
    this.gaps = this.note.getByText(/^Faltan? /);
    const absent = page.getByRole("definition").filter({ hasText: /^falta$/ });
    this.lines = this.note.getByRole("listitem").filter({ has: page.locator("dl") });
    this.incompleteMedicines = this.lines.filter({ has: absent, hasNotText: /^\s*Descartada:/ });
  }

  /** Does something that changes the draft, and waits until the page shows the answer; without scripts it is a new page. */
  async change(act) {
    const before = await this.version();
    await act();
    for (let waited = 0; (await this.version()) === before; waited += POLL_MS) {
      assert.ok(waited < CHANGE_TIMEOUT_MS, `the draft is still at version ${before}`);
      await this.page.waitForTimeout(POLL_MS);
    }
  }

  /** The version of the draft that the page shows. */
  version() {
    return this.page.locator("#version").getAttribute("value");
  }

  /** Selects a sentence with the mouse, as one does before deciding about it. */
  async select(sentence) {
    await sentence.click({ position: { x: 8, y: 8 } });
  }

  async decide(sentence, word) {
    await this.select(sentence);
    await this.change(() => sentence.getByRole("button", { name: new RegExp(`^${word}`) }).click());
  }

  /** Whole sections where the page offers it, then what it wants decided one by one. */
  async acceptEverything() {
    const rest = this.note.getByRole("button", { name: "Aceptar el resto" });
    for (let left = await rest.count(); left > 0; left = await rest.count()) await this.change(() => rest.first().click());
    for (let left = await this.proposed.count(); left > 0; left = await this.proposed.count()) {
      await this.decide(this.proposed.first(), "Aceptar");
    }
  }

  async confirmCodes() {
    for (let left = await this.codes.count(); left > 0; left = await this.codes.count()) {
      const code = this.codes.first();
      await this.change(async () => {
        if ((await code.getByRole("button", { name: "Confirmar código" }).count()) === 0) {
          // No code was sure enough to be proposed for these words: the physician says what is meant.
          await code.getByText("Buscar otro").click();
          await code.getByLabel("Palabras o código").fill("diabetes mellitus tipo 2");
          await code.getByLabel("Palabras o código").press("Enter");
          await this.page.getByRole("heading", { name: /^Código de «/ }).waitFor();
        }
        await this.page.getByRole("button", { name: "Confirmar código" }).first().click();
      });
    }
  }

  /** Keeps every medicine the alerts are about, with a reason for each. */
  async keepDespiteAlerts(words) {
    for (let left = await this.alerts.count(); left > 0; left = await this.alerts.count()) {
      const alert = this.alerts.first();
      await alert.getByText("Mantener y dar motivo").click();
      await alert.getByLabel("Motivo").selectOption("beneficio_supera_riesgo");
      // Of a contraindication the reason is also asked in words.
      const own = alert.getByLabel(/^Con sus palabras(?!.*opcional)/);
      if ((await own.count()) > 0) await own.fill(words);
      await this.change(() => alert.getByRole("button", { name: "Mantener con este motivo" }).click());
    }
  }

  /** Takes off one of two lines with the same medicine, wherever an alert says so. */
  async removeDuplicates() {
    const double = this.alerts.filter({ hasText: /está dos veces/ });
    for (let left = await double.count(); left > 0; left = await double.count()) {
      await this.change(() => double.first().getByRole("button", { name: /^Quitar / }).first().click());
    }
  }

  /**
   * Completes the prescriptions with what is offered, and what is offered nowhere with a line typed in one go: `restOf` has the
   * words by the heading that lacks them. Says what was pressed and what was typed for which line.
   */
  async completeMedicines(restOf = () => REST) {
    const written = [];
    for (let left = await this.incompleteMedicines.count(); left > 0; left = await this.incompleteMedicines.count()) {
      const medicine = this.incompleteMedicines.first();
      await this.select(medicine);
      const name = await medicine.locator("b").first().innerText();
      const offers = medicine.getByRole("group", { name: /^Completar / }).getByRole("button");
      if ((await offers.count()) > 0) {
        const offered = (await offers.first().innerText()).trim().replace(/\s+/g, " ");
        await this.change(() => offers.first().click());
        written.push({ name, offered });
        continue;
      }
      const line = (await this.medicines()).find(({ cells, discarded }) => !discarded && Object.values(cells).includes("falta"));
      const rest = restOf(line);
      const lacks = Object.entries(line.cells).filter(([, value]) => value === "falta");
      if (line.cells[SPECIAL] === "falta") {
        await this.editMedicine(line.place, { "Folio de la receta especial": "0042-17" });
        written.push({ name, typed: "folio de la receta especial" });
        continue;
      }
      const typed = lacks.map(([label]) => rest[label] ?? assert.fail(`nobody knows what to write for ${label} of ${name}`)).join(", ");
      await medicine.getByLabel(/^Lo que falta/).fill(typed);
      await this.change(() => medicine.getByRole("button", { name: "Completar" }).click());
      written.push({ name, typed });
      assert.ok(written.filter((one) => one.name === name).length < MOST_STEPS, `${name} is still incomplete after ${typed}`);
    }
    return written;
  }

  /** The prescriptions of the note as the page shows them: name, and what stands under each heading. */
  async medicines() {
    return this.lines.evaluateAll((lines) =>
      lines.map((line, place) => ({
        place,
        name: line.querySelector("b").textContent,
        stopped: /Suspende/.test(line.querySelector(".small").textContent),
        discarded: /Descartada/.test(line.querySelector(".say").textContent),
        cells: Object.fromEntries([...line.querySelectorAll("dl div")].map((cell) => [cell.firstElementChild.textContent, cell.lastElementChild.textContent])),
      })),
    );
  }

  /** Puts a prescription aside, by its place. */
  async discardMedicine(place) {
    await this.decide(this.lines.nth(place), "Descartar");
  }

  /** Opens a prescription and writes fields of it; `fields` by their label, those with a list by the word in it. */
  async editMedicine(place, fields) {
    const line = this.lines.nth(place);
    await this.select(line);
    await line.getByRole("link", { name: /^Editar/ }).click();
    await this.fillMedicine(fields);
  }

  /** A medicine nobody proposed: its name, and the rest into the form that opens. */
  async addMedicine(name, fields) {
    await this.note.getByLabel(/^Escribir un medicamento/).fill(name);
    await this.note.getByRole("button", { name: "Leer" }).click();
    await this.fillMedicine(fields);
  }

  async fillMedicine(fields) {
    await this.note.getByLabel("Nombre genérico").waitFor();
    // A name that is easily taken for another: the physician says that it is the one written.
    const which = this.note.getByLabel(/^Se confunde con otros/);
    if (await which.isVisible()) await which.selectOption({ index: 1 });
    for (const [label, value] of Object.entries(fields)) {
      const field = this.note.getByLabel(new RegExp(`^${label}( \\(opcional\\))?$`));
      const list = (await field.evaluate(({ tagName }) => tagName)) === "SELECT";
      await (list ? field.selectOption({ label: value }) : field.fill(value));
    }
    await this.change(() => this.note.getByRole("button", { name: /^Guardar/ }).click());
  }

  /** Writes what the norm asks for and nobody said. `answers` are [what is missing, how it is written]. */
  async fillGaps(answers = GAP_ANSWERS) {
    for (let left = await this.gaps.count(); left > 0; left = await this.gaps.count()) {
      const gap = this.gaps.first().locator("xpath=ancestor::div[1]");
      const words = await gap.innerText();
      const [, fill] = answers.find(([pattern]) => pattern.test(words)) ?? [];
      assert.ok(fill, `nobody knows what to write for "${words}"`);
      await gap.getByRole("link").first().click();
      await fill(this.note);
      await this.change(() => this.note.getByRole("button", { name: /^Guardar/ }).click());
    }
  }
}

/** Signs on the page to sign; fails with the page's own words when it refuses. */
export async function sign(page, password) {
  await page.getByLabel("Su contraseña").fill(password);
  await page.getByRole("button", { name: /^Firmar/ }).click();
  const sealed = page.getByText("El contenido coincide con lo que se firmó");
  const refusal = page.getByRole("alert");
  await sealed.or(refusal).first().waitFor({ timeout: SIGN_TIMEOUT_MS });
  if ((await sealed.count()) === 0) assert.fail(`not signed: ${await refusal.first().innerText()}`);
}

/** What is typed of a prescription where nothing is known; the presentation without a strength, which nobody said. */
const REST = {
  Presentación: "tableta, caja con 30",
  Dosis: "1 tableta",
  Vía: "vía oral",
  Periodicidad: "cada 24 horas",
  Duración: "30 días",
  Cantidad: "1 caja",
};
/** What is said of a medicine of fracción I: it is prescribed on the official form, whose number the note keeps. */
const SPECIAL = "Receta especial";
/** Steps for one line: what is offered, then what is typed. */
const MOST_STEPS = 4;

const sentence = (text) => (note) => note.getByLabel("Oración").fill(text);

/** What is missing, and how it is written. */
export const GAP_ANSWERS = [
  [
    /signos vitales/,
    async (note) => {
      await note.getByLabel("Tensión sistólica (mmHg)").fill("118");
      await note.getByLabel("Tensión diastólica (mmHg)").fill("76");
      await note.getByLabel("Frecuencia cardiaca (por minuto)").fill("72");
      await note.getByLabel("Frecuencia respiratoria (por minuto)").fill("16");
      await note.getByLabel("Temperatura (°C)").fill("36.5");
    },
  ],
  [/exploración física/, sentence("Consciente, orientada, hidratada; resto sin alteraciones.")],
  [/resultados de los estudios/, sentence("Sin estudios previos.")],
  [/pronóstico/, sentence("Bueno para la vida y la función.")],
  [/evolución del cuadro/, sentence("Evolución estable.")],
  [/tratamiento/, sentence("Medidas generales y signos de alarma explicados.")],
];
