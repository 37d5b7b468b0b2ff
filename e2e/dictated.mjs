// A prescription said aloud, through real clicks, to a PDF with an e.firma that other people's programs accept and whose paper
// says the right drug, dose, frequency and duration. Invented consultations of ours, and those of ../shared where it is.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage } from "./browser.mjs";
import { Desk, physician, print, sign, signIn, startVisit } from "./desk.mjs";
import { PASSWORD } from "./efirma.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OURS = "../testdata/consultations";
const ANNOTATED = "../testdata/anotadas/ajuste";
const SHARED = "../../shared/data/consultations";
/** Of the consultations with a whole prescription so many are walked, evenly taken; MEDICUS_DICTATED names another number. */
const WALKED = Number(process.env.MEDICUS_DICTATED ?? 4);
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

/** What an annotator understood, as the paper has to say it; of the prescriptions that are whole. */
function annotated(consultation) {
  // A scheme in steps stands on the paper in its words, not as one dose and one interval.
  const steps = /luego|después/;
  const started = (consultation.gold?.prescriptions ?? []).filter(
    (one) => one.action === "start" && one.dose_value && one.frequency_hours && one.duration_days && !steps.test(one.schedule ?? ""),
  );
  return started.map((one) => {
    const doses = [one, ...(one.dose_alternatives ?? [])].map(({ dose_value, dose_unit }) => `${dose_value} ?${dose_unit}`);
    const names = [one.drug_inn, ...(one.aliases ?? [])].join("|");
    const often = new RegExp(`Cada ${one.frequency_hours} horas?`);
    return [new RegExp(names, "i"), new RegExp(doses.join("|")), often, `${one.duration_days} días`];
  });
}

/** [folder, name] of a fair sample of the annotated consultations that are here. */
function sample() {
  const all = [ANNOTATED, SHARED].flatMap((folder) => {
    if (!existsSync(here(folder))) return [];
    const names = readdirSync(here(folder)).filter((name) => name.endsWith(".json")).sort();
    const whole = names.filter((name) => annotated(read(folder, name.slice(0, -5))).length > 0);
    return whole.map((name) => [folder, name.slice(0, -5)]);
  });
  const step = Math.max(1, all.length / WALKED);
  return all.filter((_, place) => Math.floor(place / step) !== Math.floor((place - 1) / step));
}

const read = (folder, name) => JSON.parse(readFileSync(here(`${folder}/${name}.json`), "utf8"));
const talkOf = ({ turns }) => JSON.stringify({ turns: turns.map(({ speaker, text }) => ({ speaker, text })) });

/** Of what was said: what is not on the paper as it was said. */
function notAsSaid(said, paper) {
  const says = (text, what) => (typeof what === "string" ? text.includes(what) : what.test(text));
  const right = ([drug, ...facts]) =>
    paper.some(({ name, words }) => says(name, drug) && facts.every((fact) => says(words, fact)));
  return said.filter((one) => !right(one));
}

/** What of a line stands in a column of its own on the paper. */
const PRINTED = ["Presentación", "Dosis", "Vía", "Periodicidad", "Duración"];

/** Whether a medicine on the paper is the one the note showed: every word of every column is there. */
function sameLine({ name, cells }, { name: printed, words }) {
  // The paper joins a figure to its unit and breaks long columns beside each other.
  const plain = (text) => text.toLowerCase().replace(/(\d) ?([a-z%µ])/g, "$1 $2").split(/[\s,;()]+/);
  const paper = new Set(plain(`${printed} ${words}`));
  const there = (text) => plain(text).every((word) => paper.has(word));
  return there(name.split(" (")[0]) && PRINTED.every((label) => !cells[label] || there(cells[label]));
}

/** Whether a line of the note says all that a receta needs; of a single dose there are no days, and a scheme may hold its doses. */
function goesOnPaper({ cells }) {
  const said = (label) => cells[label] || (label === "Duración" && cells.Periodicidad === "dosis única");
  return PRINTED.every((label) => said(label) || (label === "Dosis" && /\d/.test(cells.Periodicidad))) && !cells["Receta especial"];
}

/** Counts what somebody does on a page from now on: presses of a mouse or a finger, and fields written or chosen. */
async function counted(page) {
  const done = { presses: 0, fields: 0 };
  await page.exposeFunction("medicusDid", (kind) => void (done[kind] += 1));
  await page.addInitScript(() => {
    addEventListener("pointerdown", () => globalThis.medicusDid("presses"), true);
    const written = ({ target }) => !/^(checkbox|radio|file)$/.test(target.type) && globalThis.medicusDid("fields");
    addEventListener("change", written, true);
  });
  return done;
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
  let done;
  const sum = { said: 0, wrong: 0, lines: 0, presses: 0, typed: 0 };
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    done = await counted(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  /** From a conversation to its receta, signed; says how its medicines were completed, with how much work, and what the note showed. */
  async function prescribe(talk) {
    await startVisit(page, given.clinic, talk);
    await desk.acceptEverything();
    await desk.removeDuplicates();
    const before = { ...done };
    const written = await desk.completeMedicines();
    const work = { presses: done.presses - before.presses, typed: done.fields - before.fields };
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    await desk.fillGaps();
    await page.getByText("Nada pendiente").waitFor();
    const note = (await desk.medicines()).filter(({ stopped }) => !stopped);
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await sign(page, physician(given.clinic).password);
    await page.getByRole("region", { name: "De la misma consulta" }).getByRole("link", { name: "Receta médica" }).click();
    await page.getByRole("heading", { name: /^Receta médica R-/ }).waitFor();
    return { written, work, note };
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

  async function signedPaper(consultation) {
    const prescribed = await prescribe(talkOf(consultation));
    await putEfirma();
    const pdf = Buffer.from(await (await print(page, { archivo: "si" })).body());
    judge(pdf, given.pki);
    return { ...prescribed, paper: medicinesOn(pdf) };
  }

  for (const [folder, name, ours] of SAID) {
    const skip = existsSync(here(`${folder}/${name}.json`)) ? false : "../shared is not here";
    test(`${name}: what was said is on a receta that others accept`, { skip }, async () => {
      const consultation = read(folder, name);
      const { paper } = await signedPaper(consultation);
      const said = ours ?? annotated(consultation);
      assert.ok(said.length > 0, "nothing whole was dictated");
      const missed = notAsSaid(said, paper);
      const shown = paper.map(({ name, words }) => `${name}: ${words}`).join("\n");
      assert.equal(missed.length, 0, `${missed.map((one) => one.join(", ")).join("; ")} is not in:\n${shown}`);
      watch.assertQuiet(name);
    });
  }

  for (const [folder, name] of sample()) {
    test(`${name}: its receta says what the note said, completed by few steps`, async (t) => {
      const before = { ...done };
      const consultation = read(folder, name);
      const { written, work, note, paper } = await signedPaper(consultation);
      const shown = `${JSON.stringify(paper, null, 1)}\n${JSON.stringify(note, null, 1)}`;
      for (const line of paper) assert.ok(note.some((one) => sameLine(one, line)), `on paper and not in the note: ${line.name}\n${shown}`);
      for (const one of note.filter(goesOnPaper)) assert.ok(paper.some((line) => sameLine(one, line)), `not on paper: ${one.name}\n${shown}`);
      const said = annotated(consultation);
      const missed = notAsSaid(said, paper);
      sum.said += said.length;
      sum.wrong += missed.length;
      sum.lines += paper.length;
      sum.presses += work.presses;
      sum.typed += work.typed;
      t.diagnostic(`${name}: ${paper.length} medicines completed by ${work.presses} presses and ${work.typed} typed lines; ${done.presses - before.presses} presses and ${done.fields - before.fields} fields in all`);
      for (const { name, offered, typed } of written) t.diagnostic(`  ${name}: ${offered ? `offered ${offered}` : `typed ${typed}`}`);
      for (const one of missed) t.diagnostic(`  not as it was said: ${one.join(", ")}`);
      watch.assertQuiet(name);
    });
  }

  test("what is dictated is on the paper as it was said, and a medicine needs few steps", { skip: sample().length === 0 }, (t) => {
    t.diagnostic(`${sum.said - sum.wrong} of ${sum.said} as they were said; ${sum.lines} medicines, ${sum.presses} presses, ${sum.typed} typed lines`);
    assert.ok(sum.wrong * 2 < sum.said, `${sum.wrong} of ${sum.said} are not as they were said`);
    assert.ok(sum.typed <= sum.lines, "more is typed than one line for each medicine");
  });
}
