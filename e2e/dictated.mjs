// A prescription said aloud, through real clicks, to a PDF with an e.firma that other people's programs accept and whose paper
// says the right drug, dose, frequency and duration. Invented consultations of ours, and those of ../shared where it is.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage } from "./browser.mjs";
import { Desk, physician, print, sign, signIn, startVisit } from "./desk.mjs";
import { PASSWORD } from "./efirma.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OURS = "../testdata/consultations";
const SHARED = "../../shared/data/consultations";
/** Enough for a name with its presentation. */
const NAME_CHARS = 160;

/** What was dictated: [drug, dose, frequency, duration] as the paper has to say it. */
const SAID = [
  [OURS, "traumatologia-tobillo", [["Paracetamol", /500 ?mg|1 tableta/, "Cada 6 horas", "5 días"]]],
  [
    OURS,
    "urologia-colico",
    [
      ["Diclofenaco", /100 ?mg|1 tableta/, "Cada 12 horas", "3 días"],
      ["Tamsulosina", /0\.4 ?mg|1 cápsula/, "Cada 24 horas", "28 días"],
    ],
  ],
  ...["MX008", "DA005", "MX014"].map((name) => [SHARED, name]),
];

/** The whole prescriptions among what an annotator understood. */
function annotated(consultation) {
  const started = consultation.gold.prescriptions.filter(
    (one) => one.action === "start" && one.dose_value && one.frequency_hours && one.duration_days,
  );
  return started.map((one) => {
    const doses = [one, ...(one.dose_alternatives ?? [])].map(({ dose_value, dose_unit }) => `${dose_value} ?${dose_unit}`);
    const names = [one.drug_inn, ...(one.aliases ?? [])].join("|");
    const often = new RegExp(`Cada ${one.frequency_hours} horas?`);
    return [new RegExp(names, "i"), new RegExp(doses.join("|")), often, `${one.duration_days} días`];
  });
}

/** What the paper says of one medicine after the other: its name with what stands before it, and the words below. */
function medicinesOn(pdf) {
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: pdf, encoding: "utf8" });
  const body = text.slice(0, text.indexOf("Fin de la receta"));
  const parts = body.split(/Dosis +Vía +Frecuencia +Duración +Cantidad a surtir/).map((part) => part.replace(/\s+/g, " "));
  return parts.slice(1).map((words, place) => ({ name: parts[place].slice(-NAME_CHARS), words }));
}

/** Judged by `openssl cms`, `pdfsig` and pyHanko; where one is missing that is said. */
function judge(pdf, pki) {
  const file = (name) => join(pki.directory, name);
  const run = (program, args) => execFileSync(program, args, { cwd: pki.directory, encoding: "utf8", stdio: "pipe" });
  writeFileSync(file("dictated.pdf"), pdf);
  const raw = pdf.toString("latin1");
  const [, ...range] = /\/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)/.exec(raw) ?? [];
  const [first, length, second, rest] = range.map(Number);
  writeFileSync(file("signed.bin"), Buffer.concat([pdf.subarray(first, first + length), pdf.subarray(second, second + rest)]));
  // As long as its own head says: what follows is padding, and a signature may end in a zero byte.
  const der = Buffer.from(raw.slice(first + length, second).replace(/[<>\s]/g, ""), "hex");
  writeFileSync(file("sig.der"), der.subarray(0, 4 + der.readUInt16BE(2)));
  const cms = "cms -verify -inform DER -in sig.der -content signed.bin -binary -CAfile root.pem -purpose any -cades -out cms.out";
  run("openssl", cms.split(" "));
  const nss = file("nss");
  if (!existsSync(nss)) {
    execFileSync("mkdir", [nss]);
    run("certutil", ["-N", "-d", nss, "--empty-password"]);
    run("certutil", ["-A", "-d", nss, "-n", "root", "-t", "CT,C,C", "-i", "root.pem"]);
  }
  const said = run("pdfsig", ["-nssdir", nss, "dictated.pdf"]);
  for (const words of ["ETSI.CAdES.detached", "Total document signed", "Signature is Valid", "Certificate is Trusted"]) {
    assert.ok(said.includes(words), `${words}\n${said}`);
  }
  const python = process.env.MEDICUS_PYHANKO;
  if (!python) return console.log("skipped: MEDICUS_PYHANKO names no python with pyHanko; ./dev test brings one");
  const wrapper = here("../crates/efirma/tests/pdf/pyhanko_sat.py");
  const how = "sign validate --trust root.pem --trust-replace --no-revocation-check dictated.pdf";
  return assert.match(run(python, [wrapper, ...how.split(" ")]), /INTACT:TRUSTED/);
}

export function dictated(_engine, given) {
  let page;
  let watch;
  let desk;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  async function prescribe(talk) {
    await startVisit(page, given.clinic, talk);
    await desk.acceptEverything();
    await desk.removeDuplicates();
    await desk.completeMedicines();
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    await desk.fillGaps();
    await page.getByText("Nada pendiente").waitFor();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await sign(page, physician(given.clinic).password);
    await page.getByRole("region", { name: "De la misma consulta" }).getByRole("link", { name: "Receta médica" }).click();
    await page.getByRole("heading", { name: /^Receta médica R-/ }).waitFor();
  }

  async function putEfirma() {
    await page.getByRole("link", { name: "Firmar con e.firma" }).click();
    const act = async () => {
      await page.getByLabel("Certificado (.cer)").setInputFiles(join(given.pki.directory, "juana.cer"));
      await page.getByLabel("Llave privada (.key)").setInputFiles(join(given.pki.directory, "juana.key"));
      await page.getByLabel("Contraseña de la llave privada").fill(PASSWORD);
      await page.getByLabel("Su contraseña de Medicus").fill(physician(given.clinic).password);
      await page.getByRole("button", { name: "Firmar con e.firma" }).click();
    };
    await act();
    const done = page.getByText("Desde ahora se imprime y se descarga el archivo con esa firma.");
    const mine = page.getByLabel(/^Sí, soy yo/);
    await done.or(mine).first().waitFor();
    if (await mine.isVisible().catch(() => false)) {
      await mine.check();
      await page.getByRole("button", { name: "Firmar con e.firma" }).click();
      await done.waitFor();
    }
  }

  for (const [folder, name, ours] of SAID) {
    const path = here(`${folder}/${name}.json`);
    const skip = existsSync(path) ? false : "../shared is not here";
    test(`${name}: what was said is on a receta that others accept`, { skip }, async () => {
      const consultation = JSON.parse(readFileSync(path, "utf8"));
      await prescribe(JSON.stringify({ turns: consultation.turns.map(({ speaker, text }) => ({ speaker, text })) }));
      await putEfirma();
      const pdf = Buffer.from(await (await print(page, { archivo: "si" })).body());
      const paper = medicinesOn(pdf);
      const said = ours ?? annotated(consultation);
      assert.ok(said.length > 0, "nothing whole was dictated");
      for (const [drug, ...facts] of said) {
        const says = (text, what) => (typeof what === "string" ? text.includes(what) : what.test(text));
        const found = paper.filter(({ name }) => says(name, drug));
        assert.ok(found.length > 0, `${drug} is not among ${paper.map(({ name }) => name).join("\n")}`);
        const right = found.some(({ words }) => facts.every((fact) => says(words, fact)));
        assert.ok(right, `${facts.join(", ")} is not in: ${found.map(({ words }) => words).join("\n")}`);
      }
      judge(pdf, given.pki);
      watch.assertQuiet(name);
    });
  }
}
