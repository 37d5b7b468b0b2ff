// `./dev shots`: pictures of the demonstration clinic. For review, every page at three widths, in the dark and on paper,
// in `e2e/output`; for the README, the screens and the first sheets of signed documents, in `docs/pictures`.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage } from "./browser.mjs";
import { startClinic } from "./clinic.mjs";
import { go, openWaiting, print, signIn } from "./desk.mjs";
import { makePki } from "./efirma.mjs";
import { KINDS, writeReceta } from "./recetas.mjs";
import { OUTPUT, takeShots } from "./shots.mjs";

const PICTURES = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
const SHEET_DPI = "80";

mkdirSync(PICTURES, { recursive: true });
const pki = makePki();
const clinic = await startClinic("sqlite", { trust: pki.trust });
const browser = await launchBrowser();
try {
  const { page } = await openPage(browser);
  const shoot = async (name, picture) => {
    if (picture) await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
    await takeShots(page, name);
    console.log(`  ${name}`);
  };

  await page.goto(clinic.address);
  await shoot("entrar");
  await signIn(page, clinic);
  await shoot("hoy", true);
  await go(page, /^Pacientes/);
  await shoot("pacientes");
  await page.getByRole("main").getByRole("link").filter({ hasNotText: /Nuevo paciente|Importar|privado/ }).first().click();
  await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
  await shoot("expediente", true);
  await go(page, /^Documentos/);
  await shoot("documentos");
  for (const [name, title] of [["nota", /^Nota de evolución/], ["receta", /^Receta médica/]]) {
    await go(page, /^Documentos/);
    await page.getByRole("main").getByRole("link", { name: title }).first().click();
    await page.getByText("Firmado electrónicamente").waitFor();
    await shoot(name);
    firstSheet(await (await print(page)).body(), name);
  }
  await go(page, /^Hoy/);
  await openWaiting(page);
  await shoot("consulta", true);
  for (const kind of KINDS) {
    const { receta, sheet } = await writeReceta(page, clinic, kind, pki);
    firstSheet(receta, kind.name);
    if (kind.sheet) firstSheet(sheet, kind.sheet);
    await shoot(kind.name);
  }
  console.log(`Imágenes en ${OUTPUT} y ${PICTURES}`);
} finally {
  await browser.close();
  await clinic.stop();
  pki.remove();
}

/** The first sheet of a PDF, as it prints. */
function firstSheet(pdf, name) {
  const flags = ["-png", "-r", SHEET_DPI, "-f", "1", "-l", "1", "-singlefile", "-"];
  execFileSync("pdftoppm", [...flags, join(PICTURES, name)], { input: pdf });
}
