// Recetas of each kind, written and signed on the pages as a physician does, for pictures of their paper.

import { join } from "node:path";
import { Desk, GAP_ANSWERS, physician, print, sign } from "./desk.mjs";
import { PASSWORD } from "./efirma.mjs";

/**
 * @typedef {object} Kind
 * @property {string} name of its picture
 * @property {string} patient somebody of the demonstration whom it suits
 * @property {string} diagnosis
 * @property {string[]} lines as typed
 * @property {boolean} [efirma] whether it also gets an e.firma, and with it the code for the pharmacy
 * @property {string} [sheet] the picture of the sheet for the patient
 */

/** @type {Kind[]} */
export const KINDS = [
  {
    name: "receta-antibiotico",
    patient: "Leonel",
    diagnosis: "Amigdalitis estreptocócica",
    lines: [
      "amoxicilina suspensión de 250 mg/5 ml, frasco con 75 ml, 5 ml vo c/8h 10 d",
      "paracetamol solución de 100 mg/ml, frasco con 15 ml, 3 ml vo c/6h 3 d solo si hay fiebre",
    ],
    efirma: true,
    sheet: "hoja-del-paciente",
  },
  {
    name: "receta-fraccion-iii",
    patient: "Eulalia",
    diagnosis: "Trastorno de ansiedad",
    lines: ["sertralina 50 mg, caja con 14, 1 tab c/24h 28 d por la mañana, se surte 2 veces"],
  },
];

/**
 * Writes one; answers its PDF and that of the sheet for the patient. The receta stays open.
 *
 * @param {import("playwright-core").Page} page of a physician who signed in
 * @param {import("./clinic.mjs").Clinic} clinic
 * @param {Kind} kind
 * @param {{directory: string}} pki where the e.firma of `makePki` lies
 */
export async function writeReceta(page, clinic, kind, pki) {
  const desk = new Desk(page);
  await page.goto(`${clinic.address}/pacientes?q=${kind.patient}`);
  await page.getByRole("main").getByRole("link").filter({ hasText: kind.patient }).first().click();
  await page.getByRole("button", { name: /^Iniciar consulta/ }).first().click();
  await page.waitForURL(/\/consultas\//);
  for (const line of kind.lines) await desk.addMedicine(line, {});
  await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
  await desk.fillGaps([[/diagnóstico/, (note) => note.getByLabel("Diagnóstico o problema clínico").fill(kind.diagnosis)], ...GAP_ANSWERS]);
  await desk.confirmCodes();
  await page.getByRole("link", { name: /^Firmar/ }).first().click();
  await sign(page, physician(clinic).password);
  const open = async () => {
    const heading = page.getByRole("heading", { name: /^Receta médica R-/ });
    if ((await heading.count()) === 0) await page.getByRole("region", { name: "De la misma consulta" }).getByRole("link", { name: "Receta médica" }).click();
    await heading.waitFor();
  };
  await open();
  if (kind.efirma) {
    await putEfirma(page, clinic, pki);
    await open();
  }
  const sheet = await page.request.get(`${page.url().split("?")[0]}/hoja`);
  return { receta: await (await print(page)).body(), sheet: await sheet.body() };
}

/** Whose the certificate is is asked the first time. */
async function putEfirma(page, clinic, pki) {
  await page.getByRole("link", { name: "Firmar con e.firma" }).click();
  const mine = page.getByLabel(/^Sí, soy yo/);
  const done = page.getByText("PAdES B-B");
  for (let asked = false; ; asked = true) {
    await page.getByLabel("Certificado (.cer)").setInputFiles(join(pki.directory, "juana.cer"));
    await page.getByLabel("Llave privada (.key)").setInputFiles(join(pki.directory, "juana.key"));
    await page.getByLabel("Contraseña de la llave privada").fill(PASSWORD);
    await page.getByLabel("Su contraseña de Medicus").fill(physician(clinic).password);
    await page.getByRole("button", { name: "Firmar con e.firma" }).click();
    await mine.or(done).first().waitFor();
    if (asked || (await done.count()) > 0) break;
    await mine.check();
  }
  await done.waitFor();
}
