// From the patient's message to the chair: a new practice in a browser, its patients on the telephones of a fake WhatsApp.
// Jacinta asks, gets times, books, is reminded, moves the visit by text, confirms, arrives and is seen, until her note is signed;
// Rosa cancels and the waiting list gives her time to Petra. The days pass by the clock of the program, which is faketime's;
// nothing else of it is not as it is installed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { launchBrowser, openPage } from "./browser.mjs";
import { serveClinic } from "./clinic.mjs";
import { Desk, sign, signIn } from "./desk.mjs";
import { accountLines, freePort, startFakeWhatsApp, Telephone, writeSecrets } from "./fake-whatsapp.mjs";

const INES = { user: "ines", password: "consulta-de-prueba", name: "Dra. Inés Prueba" };
const PATH = "/avisos/whatsapp";
const TALK = `D: Buenos días, ¿qué le pasa?
P: Me duele mucho la garganta desde hace cuatro días y tengo tos seca.
D: ¿Fiebre?
P: No.
D: La presión está en ciento veinte sobre ochenta, la temperatura en treinta y seis punto ocho.
D: La garganta está roja, sin placas. Los pulmones están limpios.
D: Lo que usted tiene es una faringitis aguda, por virus.
D: Va a tomar paracetamol de quinientos, una tableta cada ocho horas por tres días. La veo en una semana.`;

/** What makes a program see another time; nothing where faketime is not installed. */
function faketime() {
  try {
    return execFileSync("faketime", ["-m", "now", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const library = faketime();
const skip = library ? false : "faketime is not installed";

describe("messages of a practice with WhatsApp", { skip }, () => {
  let folder, fake, clinic, browser, page, watch, listen;
  let jacinta, rosa, petra, toldRosa, consultation;
  /** Seconds from the clock of this machine to that of the practice. */
  let offset = 0;
  const now = () => Math.round(Date.now() / 1000) + offset;

  /** The practice opens in the morning of a day of April 2026; what was to be done meanwhile is done then. */
  async function open(day, hour) {
    await clinic?.stop();
    offset = Math.round((Date.parse(`2026-04-${day}T${hour}:00-06:00`) - Date.now()) / 1000);
    const env = { LD_PRELOAD: library, FAKETIME: `${offset > 0 ? "+" : ""}${offset}s`, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
    const more = accountLines(folder, { listen, base: fake.base });
    clinic = await serveClinic(join(folder, "clinic"), undefined, { more, env });
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "medicus-e2e-"));
    writeSecrets(folder);
    listen = `127.0.0.1:${await freePort()}`;
    fake = await startFakeWhatsApp(`http://${listen}${PATH}`);
    [jacinta, rosa, petra] = ["5512345678", "2221234567", "2227654321"].map((ten) => new Telephone(fake, ten, now));
    await open(14, "10:00");
    browser = await launchBrowser();
    ({ page, watch } = await openPage(browser));
  });
  after(async () => {
    await browser?.close();
    await clinic?.stop();
    await fake?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  // One day after the other: what follows a step that failed could only fail too.
  let broken = false;
  const step = (name, act) =>
    test(name, async (context) => {
      if (broken) return context.skip("an earlier step failed");
      broken = true;
      await act();
      broken = false;
    });

  const field = (label) => page.getByLabel(label, { exact: true });
  const press = (name) => page.getByRole("button", { name }).click();
  /** The line of the agenda with Jacinta's visit. */
  const hers = () => page.getByRole("listitem").filter({ hasText: "Jacinta Olmo" });
  const visit = (path) => page.goto(`${clinic.address}${path}`);

  step("the practice is opened, with its hours and its aviso de privacidad", async () => {
    await page.goto(clinic.address);
    const answers = [
      ["Tipo de establecimiento", "Consultorio"],
      ["Nombre", "Consultorio Ceiba", 0],
      ["Domicilio completo", "Av. Juárez 10, Centro, Puebla, Puebla, 72000"],
      ["Razón social o nombre del propietario", "Inés Prueba Ceiba"],
      ["Nombre", "Inés", 1],
      ["Primer apellido", "Prueba"],
      ["Cédula profesional", "1234567"],
      ["Institución que expidió el título", "Universidad Inventada"],
      ["Usuario", INES.user],
      ["Contraseña", INES.password],
      ["Contraseña otra vez", INES.password],
    ];
    for (const [label, text, which = 0] of answers) await field(label).nth(which).fill(text);
    await field("Título").selectOption("Dra.");
    await press("Guardar y empezar");
    await signIn(page, clinic, INES);
    await visit("/aviso-de-privacidad");
    await field("Texto del aviso").fill("Aviso de privacidad de prueba, con todo lo que pide la ley. ".repeat(8));
    await press("Publicar versión");
    await visit("/agenda/horarios");
    for (const day of ["lunes", "martes", "miércoles", "jueves", "viernes"]) {
      await page.getByRole("checkbox", { name: new RegExp(day, "i") }).check();
    }
    await field("Entrada").fill("09:00");
    await field("Salida").fill("14:00");
    await press("Agregar horario");
    await page.getByText(/09:00/).first().waitFor();
    watch.assertQuiet("primer inicio");
  });

  /** Opens the record of somebody who agrees to be written to; its address. */
  async function agrees(given, phone) {
    await visit("/pacientes/nuevo");
    await field("Nombre o nombres").fill(given);
    await field("Primer apellido").fill("Olmo");
    await page.getByLabel("Fecha de nacimiento").fill("12/01/1962");
    await page.getByLabel("Sexo biológico").selectOption({ label: "Mujer" });
    await page.getByLabel("Teléfono").fill(phone);
    await press("Guardar paciente");
    // Another Olmo of that age is somebody else.
    const other = page.getByRole("checkbox", { name: /otra persona|ninguno|ninguna/i });
    if (await other.count()) {
      await other.check();
      await press("Guardar paciente");
    }
    await page.waitForURL(/\/pacientes\/[0-9a-f-]{36}/);
    const id = /pacientes\/([0-9a-f-]{36})/.exec(page.url())[1];
    await visit(`/pacientes/${id}/consentimientos`);
    const asked = page.getByRole("region", { name: "Recordatorios por mensaje" });
    await asked.getByText("Registrar respuesta").click();
    await asked.getByLabel("Cómo respondió").selectOption({ label: "Firma en papel" });
    await asked.getByRole("button", { name: "Guardar que acepta" }).click();
    await page.getByRole("region", { name: "Recordatorios por mensaje" }).getByText("Acepta", { exact: true }).waitFor();
    return id;
  }

  step("its price is shown before sending is switched on", async () => {
    await visit("/mensajes/ajustes");
    await assertAccessible(page, "Ajustes de mensajes");
    await page.getByText(/dólares/).first().waitFor();
    await page.getByLabel("Nombre del consultorio en los mensajes").fill("Consultorio Ceiba");
    await page.getByLabel("Lugar de la cita").fill("Av. Juárez 10");
    await page.getByRole("checkbox", { name: /nombre de pila/ }).check();
    await page.getByRole("checkbox", { name: /Enviar avisos y recordatorios/ }).check();
    await press("Guardar ajustes");
    await page.getByRole("status").first().waitFor();
    watch.assertQuiet("ajustes");
  });

  step("who agreed asks for a visit, gets times and books one by message", async () => {
    await agrees("Jacinta", "55 1234 5678");
    const offer = await jacinta.writes("Buenos días, quiero una cita para el viernes");
    const booked = await jacinta.touches(offer.row("vie 17 abr, 09:00"));
    assert.match(booked.text, /^Hola, Jacinta\. Le escribimos de Consultorio Ceiba\. Su cita quedó agendada para el viernes 17 de abril a las 09:00 h, en Av\. Juárez 10, con la Dra\. Prueba\./);
    await visit("/agenda?dia=2026-04-17");
    await page.getByText("Jacinta Olmo").first().waitFor();
  });

  step("reception books Rosa, and Petra waits for a time", async () => {
    const rosaId = await agrees("Rosa", "222 123 4567");
    await visit(`/agenda/nueva?paciente=${rosaId}`);
    await page.getByLabel("Desde el día", { exact: true }).first().fill("20/04/2026");
    await press("Ver horas libres");
    await page.getByRole("button", { name: /^11:00.*20 de abril/i }).click();
    await page.getByText("Rosa Olmo").first().waitFor();
    const petraId = await agrees("Petra", "222 765 4321");
    await visit(`/agenda/nueva?paciente=${petraId}`);
    await page.getByText("Avisarle si se libera una hora").click();
    // The time that Jacinta will leave on Friday is not for her.
    await page.getByLabel("Le queda bien desde").fill("20/04/2026");
    await press("Anotar en la lista de espera");
    await page.getByText("Petra Olmo").first().waitFor();
    toldRosa = await rosa.next();
    assert.equal(toldRosa.template, "cita_agendada");
    watch.assertQuiet("agenda");
  });

  step("the day before she is reminded, and moves the visit by text", async () => {
    await open(16, "10:00");
    const reminder = await jacinta.next();
    assert.equal(reminder.template, "cita_recordatorio");
    assert.equal(reminder.body.to, "525512345678");
    const offer = await jacinta.writes("¿La puede cambiar al lunes 20 a las 10?");
    const moved = await jacinta.touches(offer.row("lun 20 abr, 10:00"));
    assert.match(moved.text, /ahora es el lunes 20 de abril a las 10:00 h/);
    const stale = await jacinta.touches(reminder.button(2));
    assert.match(stale.text, /^Su cita es el lunes 20 de abril/, "a button of before cancels nothing");
    const confirmed = await jacinta.writes("Sí, ahí estaré, gracias");
    assert.match(confirmed.text, /está confirmada/);
  });

  step("another cancels by a button, and the waiting list gives the time away", async () => {
    const cancelled = await rosa.touches(toldRosa.button(2));
    assert.match(cancelled.text, /quedó cancelada/);
    const offer = await petra.next();
    assert.equal(offer.template, "cita_lugar_disponible");
    const taken = await petra.touches(offer.button(0));
    assert.match(taken.text, /lunes 20 de abril a las 11:00 h/);
    await signIn(page, clinic, INES);
    await visit("/agenda?dia=2026-04-20");
    const confirmed = page.getByRole("listitem").filter({ hasText: "Confirmada" });
    await confirmed.filter({ hasText: "Petra Olmo" }).waitFor();
    await confirmed.filter({ hasText: "Jacinta Olmo" }).waitFor();
  });

  step("what is not understood waits for a person of the practice", async () => {
    const answer = await rosa.writes("Sí, pero desde ayer tengo fiebre");
    assert.match(answer.text, /Una persona de Consultorio Ceiba/);
    await visit("/mensajes");
    await page.getByRole("region", { name: "Por responder" }).getByText("Sí, pero desde ayer tengo fiebre").waitFor();
    await assertAccessible(page, "Mensajes");
    await press(/^Ya le respondí/);
    await page.getByText("Nadie espera respuesta").waitFor();
    watch.assertQuiet("Mensajes");
  });

  step("on the day she arrives and is seen, and nobody who confirmed is written to again", async () => {
    await open(20, "09:50");
    await signIn(page, clinic, INES);
    await page.getByRole("button", { name: /^Ya llegó.*Jacinta Olmo/ }).click();
    await page.getByText(/Llegó a las 09:5\d/).waitFor();
    await page.getByRole("listitem").filter({ hasText: "Jacinta Olmo" }).filter({ hasText: "En sala" }).waitFor();
    await press(/^Iniciar consulta/);
    await page.waitForURL(/\/consultas\//);
    consultation = new URL(page.url()).pathname;
    await visit("/agenda");
    await hers().filter({ hasText: "En consulta" }).waitFor();
    for (const telephone of [jacinta, rosa, petra]) assert.equal(telephone.unread(), 0);
    watch.assertQuiet("el día de la cita");
  });

  step("her note is written from what was said and signed, and the visit is over", async () => {
    const desk = new Desk(page);
    await visit(consultation);
    await page.getByLabel(/^O pegue el texto/).fill(TALK);
    await press("Leer y proponer la nota");
    await desk.proposed.first().waitFor();
    await desk.acceptEverything();
    await desk.completeMedicines();
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    await desk.fillGaps();
    await page.getByText("Nada pendiente").waitFor();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await sign(page, INES.password);
    await visit("/agenda");
    await hers().filter({ hasText: "Terminada" }).waitFor();
    await hers().getByRole("link", { name: "Jacinta Olmo" }).click();
    await page.getByText("Terminada: Se firmó su nota").waitFor();
    for (const telephone of [jacinta, rosa, petra]) assert.equal(telephone.unread(), 0);
    const told = /Olmo|fiebre|garganta|faringitis|paracetamol/i;
    for (const body of fake.sent) assert.doesNotMatch(JSON.stringify(body), told, "never the whole name, nor what somebody said");
    watch.assertQuiet("la visita terminada");
  });
});
