// `./dev shots`: pictures of every page of the demonstration clinic, at three widths, in the dark and on paper.

import { launchBrowser, openPage } from "./browser.mjs";
import { startClinic } from "./clinic.mjs";
import { openWaiting, signIn } from "./desk.mjs";
import { OUTPUT, takeShots } from "./shots.mjs";

const clinic = await startClinic("sqlite");
const browser = await launchBrowser();
try {
  const { page } = await openPage(browser);
  const shoot = async (name) => {
    await takeShots(page, name);
    console.log(`  ${name}`);
  };
  const go = async (place) => page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name: place }).click();

  await page.goto(clinic.address);
  await shoot("entrar");
  await signIn(page, clinic);
  await shoot("hoy");
  await go(/^Pacientes/);
  await shoot("pacientes");
  await page.getByRole("main").getByRole("link").filter({ hasNotText: "Nuevo paciente" }).first().click();
  await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
  await shoot("expediente");
  await go(/^Documentos/);
  await shoot("documentos");
  await go(/^Hoy/);
  await openWaiting(page);
  await shoot("consulta");
  console.log(`Imágenes en ${OUTPUT}`);
} finally {
  await browser.close();
  await clinic.stop();
}
