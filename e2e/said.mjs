// What a consultation says of its medicines, as an annotator understood it: compared with a line of the note or of the paper,
// and put into the words a physician would type.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Said
 * @property {string} name
 * @property {string[]} names all it may be called
 * @property {string} action of the annotation: start, continue, increase...
 * @property {{amount: number, unit: string}[]} doses any of them is right; none when nobody said it
 * @property {string | null} route
 * @property {string | null} often "cada 8 horas"
 * @property {string | null} lasts "5 días"
 * @property {string | null} steps a scheme that one dose and one interval do not tell
 * @property {string | null} form
 */

/** @returns {Said[]} */
export function saidIn(consultation) {
  return (consultation.gold?.prescriptions ?? []).map((one) => {
    const doses = [one, ...(one.dose_alternatives ?? [])].filter(({ dose_value }) => dose_value);
    return {
      name: one.drug_inn,
      names: [one.drug_inn, ...(one.aliases ?? [])],
      action: one.action,
      doses: doses.map(({ dose_value, dose_unit }) => ({ amount: dose_value, unit: unitOf(dose_unit) })),
      route: one.route ?? null,
      often: one.frequency_hours ? every(one.frequency_hours) : null,
      lasts: one.duration_days ? (one.duration_days === 1 ? "1 día" : `${one.duration_days} días`) : null,
      steps: /luego|después|bajar|hasta/.test(one.schedule ?? "") ? one.schedule : null,
      form: one.form ?? null,
    };
  });
}

/** As the pages say it. */
function every(hours) {
  if (hours === 168) return "cada semana";
  if (hours > 24 && hours % 24 === 0) return `cada ${hours / 24} días`;
  return hours === 1 ? "cada hora" : `cada ${hours} horas`;
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The word of a unit on the pages, for one. */
function unitOf(word) {
  const one = plain(word).replace(/(?<=n)es$/, "").replace(/(?<=[aeo])s$/, "");
  const known = { comprimido: "tableta", capsula: "cápsula", atomizacion: "disparo", inhalacion: "disparo", ui: "unidad", unidade: "unidad", nebulizacion: "nebulización", aplicacion: "aplicación" };
  return known[one] ?? one;
}

/** What everybody calls an ingredient -> its INN. */
const INN = new Map(
  readFileSync(fileURLToPath(new URL("../catalogs/medicines/ingredients.tsv", import.meta.url)), "utf8")
    .split("\n")
    .filter((row) => row !== "" && !row.startsWith("#"))
    .flatMap((row) => {
      const [inn, spanish, usan, synonyms] = row.split("\t");
      return [inn, spanish, usan, ...(synonyms ?? "").split(";")].filter(Boolean).map((name) => [plain(name), inn]);
    }),
);

const wordsOf = (name) => plain(name).split(/[^a-z0-9ñ]+/).filter((word) => word !== "" && !/^(con|y|de|en|para|acido)$/.test(word));
const ingredients = (name) => plain(name).split(/ con | y | \/ |, /).map((part) => INN.get(part.trim()) ?? part.trim()).sort().join("+");

/** Whether a name on a page is one of those that were said. */
export function sameMedicine(said, shown) {
  const name = shown.split(" (")[0];
  const own = wordsOf(name);
  return said.names.some((other) => {
    if (ingredients(other) === ingredients(name)) return true;
    const words = wordsOf(other);
    const [fewer, more] = words.length < own.length ? [words, own] : [own, words];
    return fewer.length > 0 && fewer.every((word) => more.some((one) => one.slice(0, 7) === word.slice(0, 7)));
  });
}

const GRAMS = { mcg: 1, mg: 1_000, g: 1_000_000 };

/** The ways to say one dose: "2 tabletas" of 500 mg are 1 g. */
function doseShown(words, presentation) {
  const [, number, word] = /^([\d.]+) (.+)$/.exec(words) ?? [];
  if (!number) return [];
  const dose = { amount: Number(number), unit: unitOf(word) };
  const [, strength, unit] = /de ([\d.]+) (mcg|mg|g)\b(?!\/)/.exec(presentation ?? "") ?? [];
  const counted = strength && /^(tableta|cápsula|sobre|óvulo|supositorio)$/.test(dose.unit);
  return counted ? [dose, { amount: dose.amount * Number(strength), unit }] : [dose];
}

function sameDose(one, other) {
  if (GRAMS[one.unit] && GRAMS[other.unit]) return Math.abs(one.amount * GRAMS[one.unit] - other.amount * GRAMS[other.unit]) < 0.01;
  return one.unit === other.unit && one.amount === other.amount;
}

/** What was said of a medicine and a line (`Dosis`, `Vía`, `Periodicidad`, `Duración`, `Presentación`) says otherwise or not at all. */
export function notAsSaid(said, cells) {
  const wrong = [];
  const often = cells.Periodicidad?.toLowerCase();
  // A scheme in words tells its doses and days itself.
  if (said.steps && often && !/^cada \w+( \w+)?$/.test(often)) return wrong;
  const shown = cells.Dosis ? doseShown(cells.Dosis, cells.Presentación) : [];
  if (said.doses.length > 0 && !said.doses.some((dose) => shown.some((one) => sameDose(dose, one)))) wrong.push("Dosis");
  if (said.route && said.route !== cells.Vía?.toLowerCase()) wrong.push("Vía");
  if (said.often ? said.often !== often : said.steps) wrong.push("Periodicidad");
  if (said.lasts && !said.steps && said.lasts !== cells.Duración) wrong.push("Duración");
  return wrong;
}

/**
 * Which line tells of which medicine: one to one, the most alike first. Lines nobody spoke of stay alone.
 *
 * @param {Said[]} said
 * @param {{name: string, cells: Record<string, string>}[]} lines
 */
export function paired(said, lines) {
  const pairs = said.flatMap((one) =>
    lines.filter((line) => sameMedicine(one, line.name)).map((line) => ({ one, line, wrong: notAsSaid(one, line.cells) })),
  );
  pairs.sort((a, b) => a.wrong.length - b.wrong.length);
  const found = [];
  for (const pair of pairs) {
    if (!found.some(({ one, line }) => one === pair.one || line === pair.line)) found.push(pair);
  }
  const missing = said.filter((one) => !found.some((pair) => pair.one === one));
  const alone = lines.filter((line) => !found.some((pair) => pair.line === line));
  return { found, missing, alone };
}

/** How a physician goes on where nobody said more: by the form and the way of the medicine. */
export function rest(said) {
  const [dose] = said?.doses ?? [];
  const words = `${dose?.unit} ${said?.form}`;
  const usual = USUAL.find(([route, told]) => (!route || route === said?.route) && (!told || told.test(words)))[2];
  const form = said?.form && !usual.Presentación.startsWith(said.form) ? `${said.form}, ${usual.Presentación.split(", ").at(-1)}` : usual.Presentación;
  return {
    Presentación: form,
    Dosis: dose ? `${dose.amount} ${dose.unit}` : usual.Dosis,
    Vía: `vía ${said?.route ?? usual.Vía}`,
    Periodicidad: said?.often ?? "cada 24 horas",
    Duración: said?.lasts ?? "30 días",
    Cantidad: `1 ${usual.Presentación.split(", ").at(-1).split(" ")[0]}`,
  };
}

const USUAL = [
  ["tópica", null, { Presentación: "crema, tubo con 30 g", Dosis: "1 aplicación", Vía: "tópica" }],
  ["vaginal", /tableta|óvulo|\bmg/, { Presentación: "óvulo, caja con 6", Dosis: "1 óvulo", Vía: "vaginal" }],
  ["vaginal", null, { Presentación: "crema vaginal, tubo con 30 g", Dosis: "1 aplicación", Vía: "vaginal" }],
  ["nasal", /\bml/, { Presentación: "solución nasal, frasco con 250 ml", Dosis: "5 ml", Vía: "nasal" }],
  ["nasal", null, { Presentación: "aerosol nasal, frasco con 120 dosis", Dosis: "1 disparo", Vía: "nasal" }],
  ["oftálmica", null, { Presentación: "solución oftálmica, frasco con 10 ml", Dosis: "1 gota", Vía: "oftálmica" }],
  ["ótica", null, { Presentación: "solución ótica, frasco con 10 ml", Dosis: "1 gota", Vía: "ótica" }],
  ["inhalada", /nebuliz/, { Presentación: "solución para nebulizar, frasco con 20 ml", Dosis: "1 nebulización", Vía: "inhalada" }],
  ["inhalada", null, { Presentación: "aerosol, inhalador con 200 dosis", Dosis: "1 disparo", Vía: "inhalada" }],
  ["transdérmica", null, { Presentación: "parche, caja con 3", Dosis: "1 parche", Vía: "transdérmica" }],
  ["oral", /\bml|gota|cuchara|vaso|jarabe|suspensión|solución/, { Presentación: "solución oral, frasco con 120 ml", Dosis: "5 ml", Vía: "oral" }],
  ["oral", null, { Presentación: "tableta, caja con 30", Dosis: "1 tableta", Vía: "oral" }],
  [null, /\bml|unidad/, { Presentación: "solución inyectable, frasco con 10 ml", Dosis: "1 ml", Vía: "subcutánea" }],
  ["intramuscular", null, { Presentación: "solución inyectable, caja con 1", Dosis: "1 ampolleta", Vía: "intramuscular" }],
  ["intravenosa", null, { Presentación: "solución inyectable, caja con 1", Dosis: "1 ampolleta", Vía: "intravenosa" }],
  ["subcutánea", null, { Presentación: "solución inyectable, caja con 1", Dosis: "1 ampolleta", Vía: "subcutánea" }],
  ["intraarticular", null, { Presentación: "solución inyectable, caja con 1", Dosis: "1 ampolleta", Vía: "intraarticular" }],
  [null, null, { Presentación: "tableta, caja con 30", Dosis: "1 tableta", Vía: "oral" }],
];
