// A prescription said aloud, through real clicks, to a PDF with an e.firma that other people's programs accept and whose paper
// says what was said. What was not heard, or heard wrong, is written as its physician would write it, and told.
//
// `./dev test` walks three; MEDICUS_DICTATED names a folder of annotated consultations to walk whole.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage } from "./browser.mjs";
import { Desk, GAP_ANSWERS, SIGN_TIMEOUT_MS, physician, print, sign, signIn, startVisit } from "./desk.mjs";
import { PASSWORD } from "./efirma.mjs";
import { medicinesOn } from "./paper.mjs";
import { notAsSaid, paired, rest, saidIn } from "./said.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OURS = here("../testdata/consultations");
const ANNOTATED = here("../testdata/anotadas/ajuste");
/** Times a line is looked at again until it says what was said. */
const MOST_ROUNDS = 3;

const said = (name, doses, often, lasts) => ({ name, names: [name], doses, often, lasts, action: "start" });
/** Folder, name and, of consultations without an annotation, what is said in them. */
const SHORT = [
  [OURS, "traumatologia-tobillo", [said("paracetamol", [{ amount: 500, unit: "mg" }], "cada 6 horas", "5 días")]],
  [
    OURS,
    "urologia-colico",
    [
      said("diclofenaco", [{ amount: 100, unit: "mg" }, { amount: 1, unit: "tableta" }], "cada 12 horas", "3 días"),
      said("tamsulosina", [{ amount: 0.4, unit: "mg" }, { amount: 1, unit: "cápsula" }], "cada 24 horas", "28 días"),
    ],
  ],
  [ANNOTATED, "AD016"],
];

/** The consultations to walk in which something was prescribed. */
function walked() {
  const folder = process.env.MEDICUS_DICTATED;
  const all = folder ? readdirSync(folder).filter((file) => file.endsWith(".json")).sort().map((file) => [folder, file.slice(0, -5)]) : SHORT;
  const read = ([from, name, ours]) => {
    const consultation = JSON.parse(readFileSync(join(from, `${name}.json`), "utf8"));
    return { name, consultation, said: ours ?? saidIn(consultation) };
  };
  return all.map(read).filter((one) => one.said.length > 0);
}

const talkOf = ({ turns }) => JSON.stringify({ turns: turns.map(({ speaker, text }) => ({ speaker, text })) });

/** Whom a talk suits: one about a child is not put on an adult, nor the other way about. */
const patientOf = ({ id, setting = "" }) => {
  const young = /pediatr|neonat|lactante|preescolar|\bniñ[oa]s?\b/i.test(`${id} ${setting}`);
  return (age) => young === (/mes|día|semana/.test(age) || Number.parseInt(age, 10) < 15);
};

/** A line of the paper as the note shows one. */
const asLine = ({ name, presentation, cells }) => ({
  name,
  cells: { Presentación: presentation, Dosis: cells.Dosis, Vía: cells.Vía, Periodicidad: cells.Frecuencia, Duración: cells.Duración },
});

const LABELS = ["Presentación", "Dosis", "Vía", "Periodicidad", "Duración"];
/** What stands on paper where a line of the note says nothing: a single dose lasts no days, a scheme holds its doses. */
const UNSAID = /^(No indicada|Dosis única|Según el esquema)?$/;

/** Whether a medicine on the paper is the one the note shows, column by column. */
function sameLine(line, printed) {
  const same = (one, other) => one.toLowerCase() === other.toLowerCase();
  const paper = asLine(printed);
  const cell = (label) => (line.cells[label] ? same(line.cells[label], paper.cells[label] ?? "") : UNSAID.test(paper.cells[label] ?? ""));
  return same(line.name, printed.name) && LABELS.every(cell);
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

/** What a line lacks of what a receta must say: a single dose lasts no days, and a scheme holds its doses. */
function absent({ cells }) {
  const told = (label) => {
    if (cells[label] && cells[label] !== "falta") return true;
    return (label === "Duración" && cells.Periodicidad === "dosis única") || (label === "Dosis" && /\d/.test(cells.Periodicidad ?? ""));
  };
  return LABELS.filter((label) => !told(label));
}

/** The fields of the form of a medicine that say what was said, or what is usual where nobody said it. */
function fieldsOf(said, labels, { empty }) {
  const usual = rest(said);
  const [amount, ...unit] = usual.Dosis.split(" ");
  const listed = /^cada (4|6|8|12|24|48|72) horas$|^cada [23] días$|^cada semana$/;
  const often = said.steps ?? usual.Periodicidad;
  const scheme = said.steps || !listed.test(often) ? { Periodicidad: "otro esquema", "Otro esquema": often } : { Periodicidad: often };
  const fields = {
    Presentación: { Presentación: usual.Presentación },
    Dosis: { Dosis: amount, Unidad: unit.join(" ") },
    Vía: { Vía: usual.Vía.replace("vía ", "") },
    Periodicidad: scheme,
    Duración: { "Duración en días": usual.Duración.split(" ")[0] },
  };
  return Object.assign({}, ...labels.map((label) => fields[label]), empty ? { "Cantidad a surtir": usual.Cantidad } : {});
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
    mkdirSync(nss);
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
  const sum = { consultations: 0, said: 0, heard: 0, typed: 0, corrected: 0, dropped: 0, lines: 0, presses: 0, fields: 0 };
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    done = await counted(page);
    await signIn(page, given.clinic);
  });
  after(() => page?.context().close());

  const shown = async () => (await desk.medicines()).filter(({ stopped, discarded }) => !stopped && !discarded);

  /** The lines of the note made what was said, as a physician would: what nobody said goes, what was not heard is written. */
  async function makeAsSaid(said) {
    const told = { dropped: [], typed: [], corrected: [], completed: [] };
    for (let { alone } = paired(said, await shown()); alone.length > 0; { alone } = paired(said, await shown())) {
      await desk.discardMedicine(alone[0].place);
      told.dropped.push(alone[0].name);
    }
    await correct(said, told, (line, wrong) => wrong.filter((label) => line.cells[label] && line.cells[label] !== "falta"));
    told.completed = await desk.completeMedicines((line) => rest(said.length && paired(said, [line]).found[0]?.one));
    // What only goes on as it was may stay as short as it was said, and is then not on the receta; what changes is whole.
    await correct(said, told, (line, wrong, { action }) => (action === "continue" ? wrong : [...new Set([...wrong, ...absent(line)])]));
    for (const one of paired(said, await shown()).missing.filter(({ action }) => action !== "continue")) {
      await desk.addMedicine(one.name, fieldsOf(one, LABELS, { empty: true }));
      told.typed.push(one.name);
    }
    return told;
  }

  async function correct(said, told, which) {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const { found } = paired(said, await shown());
      const [first] = found.map((pair) => ({ ...pair, labels: which(pair.line, pair.wrong, pair.one) })).filter(({ labels }) => labels.length > 0);
      if (!first) return;
      await desk.editMedicine(first.line.place, fieldsOf(first.one, first.labels, { empty: false }));
      const was = first.labels.map((label) => `${label} ${first.line.cells[label] ?? "falta"}`).join(", ");
      told.corrected.push(`${first.line.name}: ${was}`);
    }
  }

  /** From a conversation to its receta, signed; says with how much work its medicines were made right, and what the note showed. */
  async function prescribe(consultation, said) {
    await startVisit(page, given.clinic, talkOf(consultation), patientOf(consultation));
    await desk.acceptEverything();
    const heard = paired(said, await shown()).found.filter(({ wrong }) => wrong.length === 0).length;
    const before = { ...done };
    const told = await makeAsSaid(said);
    const work = { presses: done.presses - before.presses, fields: done.fields - before.fields };
    await desk.confirmCodes();
    await desk.keepDespiteAlerts("El beneficio supera el riesgo; se vigila.");
    const diagnosis = consultation.gold?.diagnoses?.[0]?.name ?? "";
    await desk.fillGaps([[/diagnóstico/, (note) => note.getByLabel("Diagnóstico o problema clínico").fill(diagnosis)], ...GAP_ANSWERS]);
    await desk.confirmCodes();
    await page.getByText("Nada pendiente").waitFor();
    const note = await shown();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await sign(page, physician(given.clinic).password);
    await page.getByRole("region", { name: "De la misma consulta" }).getByRole("link", { name: "Receta médica" }).click();
    await page.getByRole("heading", { name: /^Receta médica R-/ }).waitFor();
    return { heard, told, work, note };
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
    await done.or(mine).first().waitFor({ timeout: SIGN_TIMEOUT_MS });
    if (await mine.isVisible().catch(() => false)) {
      await mine.check();
      await page.getByRole("button", { name: "Firmar con e.firma" }).click();
      await done.waitFor({ timeout: SIGN_TIMEOUT_MS });
    }
  }

  for (const { name, consultation, said } of walked()) {
    test(`${name}: what was said is on a receta that others accept`, async (t) => {
      const start = { ...done };
      const { heard, told, work, note } = await prescribe(consultation, said);
      await putEfirma();
      const pdf = Buffer.from(await (await print(page, { archivo: "si" })).body());
      if (process.env.MEDICUS_DICTATED_OUT) writeFileSync(join(process.env.MEDICUS_DICTATED_OUT, `${name}.pdf`), pdf);
      judge(pdf, given.pki);
      const paper = medicinesOn(pdf);
      const all = `${JSON.stringify(paper, null, 1)}\n${JSON.stringify(note, null, 1)}`;
      for (const line of paper) {
        assert.ok(note.some((one) => sameLine(one, line)), `on paper and not in the note: ${line.name}\n${all}`);
        assert.match(line.cells.Dosis, /^([\d.,]+ \p{L}|Según el esquema$)/u, "a dose has a space before its unit");
      }
      // A medicine of fracción I goes on its official form and not here.
      const special = note.filter(({ cells }) => cells["Receta especial"]);
      const whole = note.filter((line) => !special.includes(line) && absent(line).length === 0);
      for (const one of whole) assert.ok(paper.some((line) => sameLine(one, line)), `not on paper: ${one.name}\n${all}`);
      const { found, missing } = paired(said, [...paper.map(asLine), ...special]);
      const wrong = found.filter(({ one, line }) => notAsSaid(one, line.cells).length > 0);
      assert.deepEqual(wrong.map(({ line, wrong }) => [line, wrong]), [], "not as it was said");
      assert.deepEqual(missing.filter(({ action }) => action !== "continue").map((one) => one.name), [], "said and not on paper");
      report(t, name, { said, heard, told, work, paper, all: { presses: done.presses - start.presses, fields: done.fields - start.fields } });
      watch.assertQuiet(name);
    });
  }

  function report(t, name, { said, heard, told, work, paper, all }) {
    const { dropped, typed, corrected, completed } = told;
    const add = { consultations: 1, said: said.length, heard, typed: typed.length, corrected: corrected.length, dropped: dropped.length, lines: paper.length, presses: work.presses, fields: work.fields };
    for (const [what, count] of Object.entries(add)) sum[what] += count;
    t.diagnostic(`${name}: ${said.length} said, ${heard} heard whole; ${paper.length} on paper made right by ${work.presses} presses and ${work.fields} fields (all: ${all.presses} and ${all.fields})`);
    for (const { name, offered, typed } of completed) t.diagnostic(`  ${name}: ${offered ? `offered ${offered}` : `typed ${typed}`}`);
    for (const line of corrected) t.diagnostic(`  corrected ${line}`);
    for (const line of typed) t.diagnostic(`  not heard: ${line}`);
    for (const line of dropped) t.diagnostic(`  nobody prescribed: ${line}`);
  }

  after(() => console.log(`dictated: ${JSON.stringify(sum)}`));
}
