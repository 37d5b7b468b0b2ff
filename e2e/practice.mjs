// A new practice set up through its pages, and the acts of a day in it, each of which can be tried again: what a visitor
// without scripts does.

import { Visitor, buttonOf, formOf, linkOf } from "./forms.mjs";

export const USER = "ines";
export const PASSWORD = "consulta de prueba 7";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const SYLLABLES = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "xo", "yu", "za"];
const TALK = [
  "D: Buenos días, ¿qué la trae por aquí?",
  "P: Pues me duele la rodilla derecha desde hace tres semanas, doctora.",
  "D: ¿Ha tenido fiebre?",
  "P: No.",
].join("\n");

/** Letters that no other number has. */
export function letters(number) {
  let word = "";
  for (let rest = number + 16; rest > 0; rest = Math.floor(rest / 16)) word = SYLLABLES[rest % 16] + word;
  return word;
}

/** Sets a practice of one physician up, with hours on every day of the week. */
export async function setUp(origin) {
  const visitor = new Visitor(origin);
  await visitor.submit(formOf(await visitor.open("/primer-inicio"), "/primer-inicio"), {
    nombre_establecimiento: "Consultorio Ahuehuete",
    domicilio: "Calle Inventada 1, Puebla",
    razon_social: "Inés Prueba",
    zona_horaria: "America/Mexico_City",
    titulo: "Dra.",
    nombre: "Inés",
    primer_apellido: "Prueba",
    cedula: "1234567",
    institucion_titulo: "Universidad Inventada",
    usuario: USER,
    contrasena: PASSWORD,
    contrasena_otra: PASSWORD,
    misma_persona: "si",
  });
  await enter(visitor);
  for (const day of ["1", "2", "3", "4", "5", "6", "7"]) {
    const form = formOf(await visitor.open("/agenda/horarios"), "/agenda/horarios");
    await visitor.submit(form, { entrada: "07:00", salida: "21:00", dias: day });
  }
  return visitor;
}

/** Somebody who has signed in. */
export async function enter(visitor) {
  await visitor.client.signIn({ user: USER, password: PASSWORD });
  return visitor;
}

/** What is typed of a patient; `number` makes the name unlike any other. */
export function somebody(number) {
  const name = (far) => letters(far).replace(/^./u, (first) => first.toUpperCase());
  return {
    nombre: name(number * 7 + 4_000),
    primer_apellido: name(number * 13 + 60_000),
    segundo_apellido: name(number * 29 + 900_000),
    fecha_nacimiento: `${(number % 28) + 1}/${(number % 12) + 1}/${1930 + (number % 80)}`,
    sexo: "female",
  };
}

/** Writes a new patient down, with what else is typed of them; the address of the record. */
export async function newPatient(visitor, number, more = {}) {
  const typed = { ...somebody(number), ...more };
  const { leads, page } = await visitor.submit(formOf(await visitor.open("/pacientes/nuevo"), "/pacientes/nuevo"), typed);
  const found = new RegExp(`/pacientes/${UUID}`, "u").exec(leads ?? page ?? "")?.[0];
  if (!found) throw new Error("a new patient led nowhere");
  return { record: found, name: typed.nombre };
}

/** Begins a visit of a patient, or goes to the one that is open; its address. */
export async function openVisit(visitor, record) {
  const chart = await visitor.open(record);
  const begin = formOf(chart, "/consultas");
  const open = begin ? (await visitor.submit(begin)).leads : linkOf(chart, new RegExp(`^/consultas/${UUID}`, "u"));
  return new RegExp(`/consultas/${UUID}`, "u").exec(open)[0];
}

/** The same, and brings its conversation. */
export async function beginVisit(visitor, record, talk = TALK) {
  const visit = await openVisit(visitor, record);
  const bring = formOf(await visitor.open(visit), "/transcripcion");
  if (bring) await visitor.submit(bring, { pegado: talk }, { name: "", content: "" });
  return visit;
}

/**
 * One step on the way of a visit to its signature; what was acknowledged: `{ written }`, `{ signed }` with the address of the
 * document, or nothing that can be looked for.
 */
export async function goOn(visitor, visit, sentence) {
  const { path, text: page } = await visitor.follow(visit);
  // The answer to a signature was lost with the power: the visit leads to its document.
  if (path.startsWith("/documentos/")) return { signed: path };
  const accept = buttonOf(page, /\/oraciones\/[^/]+\/aceptar$/u);
  if (accept) {
    await visitor.submit(accept);
    return {};
  }
  const gap = /class="gap"(.*?)<\/div>/su.exec(page)?.[1];
  if (gap) {
    const open = await visitor.open(linkOf(gap, /agregar=/u).split("#")[0]);
    await visitor.submit(formOf(open, "/oraciones"), { texto: sentence });
    return { written: sentence };
  }
  const sign = formOf(await visitor.open(linkOf(page, /\/firmar$/u)), "/firmar");
  const { leads } = await visitor.submit(sign, { contrasena: PASSWORD });
  const signed = new RegExp(`/documentos/${UUID}`, "u").exec(leads ?? "")?.[0];
  if (!signed) throw new Error(`a signature led to ${leads}`);
  return { signed };
}

/** Keeps a file in a record; its address. */
export async function bringFile(visitor, record, content) {
  const form = formOf(await visitor.open(`${record}/archivos`), "/archivos");
  const { leads, page } = await visitor.submit(form, { categoria: "imaging" }, { name: "estudio.pdf", content });
  const found = new RegExp(`/archivos/${UUID}`, "u").exec(leads ?? page ?? "")?.[0];
  if (!found) throw new Error("a file led nowhere");
  return found;
}

/** Books the next free time; the address of the visit, or nothing when no time is free. */
export async function book(visitor, record) {
  return (await bookFrom(visitor, record))?.visit;
}

/** Books the first free time from a day on (today, unless one is given); the visit and when it begins. */
export async function bookFrom(visitor, record, day = "") {
  const patient = record.split("/").at(-1);
  const page = await visitor.open(`/agenda/nueva?paciente=${patient}&dia=${day}`);
  const at = /name="inicio" value="([^"]*)"/u.exec(page)?.[1];
  if (!at) return undefined;
  const { leads } = await visitor.submit(formOf(page, "/citas"), { inicio: at });
  const visit = new RegExp(`/citas/${UUID}`, "u").exec(leads ?? "")?.[0];
  if (!visit) throw new Error(`a booking led to ${leads}`);
  return { visit, at: Date.parse(at.split(" ")[0]) };
}

/** Publishes an aviso de privacidad, without which nobody agrees to anything. */
export async function publishNotice(visitor) {
  const form = formOf(await visitor.open("/aviso-de-privacidad"), "/aviso-de-privacidad");
  await visitor.submit(form, { texto: "Aviso de privacidad de prueba, con todo lo que pide la ley. ".repeat(8) });
}

/** A patient agrees to something by a signature on paper. */
export async function agree(visitor, record, purpose) {
  const form = formOf(await visitor.open(`${record}/consentimientos`), "/consentimientos");
  await visitor.submit(form, { finalidad: purpose, medio: "paper", respuesta: "si" });
}
