// The verifier for who has no account and perhaps no network: one file of HTML with this script inside. It asks nobody
// anything; authorities and marks of what was dispensed stay in this browser.

import { type Certificate, certificates } from "./certificate";
import { codeIn, codeInPhoto } from "./code-in-picture";
import { fromBase64, toBase64 } from "./der";
import { type CheckedReceta, checkReceta } from "./receta-code";
import { checkPdf } from "./signed-pdf";

const AUTHORITIES = "medicus-autoridades";
const MARKS = "medicus-surtidas";
/** How long one frame of the camera is looked at: the next one may be sharper. */
const FRAME_MS = 100;

interface Mark {
  at: string;
  note: string;
}

const byId = <T extends HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no ${id}`);
  return found as T;
};

/** What this browser keeps; nothing where it keeps nothing. */
function kept<T>(key: string, empty: T): T {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "") as T;
  } catch {
    return empty;
  }
}

function keep(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function authorities(): Certificate[] {
  const shipped: string[] = JSON.parse(byId("autoridades").textContent ?? "[]");
  return [...new Set([...shipped, ...kept<string[]>(AUTHORITIES, [])])].flatMap((text) => {
    try {
      return certificates(fromBase64(text));
    } catch {
      return [];
    }
  });
}

function listAuthorities(): void {
  const known = authorities();
  byId("lista-autoridades").replaceChildren(
    ...known.map((one) => element("li", `${one.name}, hasta ${one.until.toLocaleDateString("es-MX", { dateStyle: "long" })}`)),
  );
  byId("sin-autoridades").hidden = known.some((one) => one.authority && one.issuer === one.subject);
}

function element(name: string, text: string, className = ""): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function facts(pairs: [string, string][]): HTMLElement {
  const list = document.createElement("dl");
  for (const [label, value] of pairs) list.append(element("dt", label), element("dd", value));
  return list;
}

function show(...parts: HTMLElement[]): void {
  const place = byId("resultado");
  place.replaceChildren(...parts);
  place.hidden = false;
  place.focus();
}

const failed = (error: unknown): void =>
  show(element("h2", error instanceof Error ? error.message : "No se pudo revisar", "mal"));

const moment = (text: string | Date): string =>
  new Date(text).toLocaleString("es-MX", { dateStyle: "long", timeStyle: "short" });

const day = (iso: string): string => new Date(`${iso}T12:00:00`).toLocaleDateString("es-MX", { dateStyle: "long" });

const whose = (signer: Certificate): [string, string][] => [
  ["Firmó", signer.name],
  ["RFC", signer.rfc],
  ["Certificado", `${signer.serial}, emitido por ${signer.issuerName}`],
];

async function checkCode(text: string): Promise<void> {
  const checked = await checkReceta(text, authorities());
  const { receta, signer, against } = checked;
  // "2026-12-26" is the last whole day.
  const late = receta.validUntil !== undefined && new Date(`${receta.validUntil}T23:59:59`) < new Date();
  const marks = kept<Record<string, Mark[]>>(MARKS, {})[receta.document] ?? [];
  const title = against
    ? element("h2", "No se puede dar por válida", "mal")
    : late
      ? element("h2", "La firma es válida, pero la receta ya venció", "mal")
      : marks.length > 0
        ? element("h2", "La firma es válida; ya se marcó como surtida aquí", "aviso")
        : element("h2", "Receta válida y sin cambios", "bien");
  const lines = document.createElement("ol");
  lines.append(...receta.lines.map((line) => element("li", line)));
  show(
    title,
    ...(against ? [element("p", against)] : []),
    lines,
    element("p", `Fin de la receta: ${receta.lines.length} ${receta.lines.length === 1 ? "medicamento" : "medicamentos"}.`),
    facts([
      ...whose(signer),
      ["Cédula profesional", receta.license],
      ["Expedida", moment(receta.issued)],
      ["Vigente hasta", receta.validUntil ? day(receta.validUntil) : "la ley no fija plazo para toda la receta"],
      ["Identificador", receta.document],
    ]),
    dispensing(checked, marks),
  );
}

/** Where it is marked that this receta was dispensed, and when it was before. */
function dispensing({ receta, against }: CheckedReceta, marks: Mark[]): HTMLElement {
  const section = document.createElement("section");
  section.append(element("h3", marks.length > 0 ? `Surtida aquí ${marks.length} ${marks.length === 1 ? "vez" : "veces"}` : "Sin marcas en este equipo"));
  const list = document.createElement("ul");
  list.append(...marks.map((mark) => element("li", `${moment(mark.at)}${mark.note ? `: ${mark.note}` : ""}`)));
  section.append(list);
  if (against) return section;
  const label = element("label", "Qué se surtió (opcional)");
  const note = document.createElement("input");
  note.id = "nota-surtido";
  note.maxLength = 200;
  label.setAttribute("for", note.id);
  const button = element("button", marks.length > 0 ? "Marcar como surtida otra vez" : "Marcar como surtida") as HTMLButtonElement;
  button.type = "button";
  button.addEventListener("click", () => {
    const all = kept<Record<string, Mark[]>>(MARKS, {});
    const now = [...(all[receta.document] ?? []), { at: new Date().toISOString(), note: note.value.trim() }];
    const saved = keep(MARKS, { ...all, [receta.document]: now });
    const after = saved ? dispensing({ receta, against } as CheckedReceta, now) : element("p", "Este navegador no guarda marcas.", "mal");
    section.replaceWith(after);
  });
  section.append(label, note, button);
  return section;
}

async function checkFile(file: File): Promise<void> {
  const found = await checkPdf(new Uint8Array(await file.arrayBuffer()), authorities(), new Date());
  if (found.length === 0) {
    show(element("h2", "El PDF no tiene firma electrónica", "aviso"));
    return;
  }
  const parts = found.flatMap(({ signer, against, later, claimed }) => {
    const title = against
      ? element("h2", "La firma no se puede dar por válida", "mal")
      : later === "other"
        ? element("h2", "Firmado; después se agregó algo al archivo", "aviso")
        : element("h2", "Firmado y sin cambios", "bien");
    const when = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)/.exec(claimed ?? "");
    const said = when ? `${when[3]}/${when[2]}/${when[1]}, ${when[4]}:${when[5]}, según quien firmó` : "no lo dice";
    const about = {
      nothing: "",
      evidence: "Después solo se le agregaron pruebas de la vigencia del certificado; no cambian el documento.",
      other: "Puede ser otra firma, o un cambio en lo que se ve. Revíselo en la página «Verificar documento» del consultorio.",
    }[later];
    return [title, ...(against ? [element("p", against)] : []), ...(about ? [element("p", about)] : []), facts([...whose(signer), ["Cuándo", said]])];
  });
  show(...parts);
}

async function watchCamera(): Promise<void> {
  const video = byId<HTMLVideoElement>("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
  };
  const canvas = document.createElement("canvas");
  for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((done) => setTimeout(done, 250))) {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context || canvas.width === 0) continue;
    context.drawImage(video, 0, 0);
    const text = await codeIn(context.getImageData(0, 0, canvas.width, canvas.height), FRAME_MS).catch(() => undefined);
    if (!text) continue;
    stop();
    return checkCode(text);
  }
  stop();
  throw new Error("No se vio ningún código. Tome una foto o pegue el texto");
}

function onFile(id: string, act: (files: File[]) => Promise<void>): void {
  byId<HTMLInputElement>(id).addEventListener("change", ({ currentTarget }) => {
    const input = currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    if (files.length > 0) act(files).catch(failed).finally(() => (input.value = ""));
  });
}

async function addAuthorities(files: File[]): Promise<void> {
  const known = kept<string[]>(AUTHORITIES, []);
  for (const file of files) {
    let read: Certificate[];
    try {
      read = certificates(new Uint8Array(await file.arrayBuffer())).filter(({ authority }) => authority);
    } catch {
      read = [];
    }
    if (read.length === 0) throw new Error(`${file.name} no es el certificado de una autoridad`);
    known.push(...read.map(({ der }) => toBase64(der)));
  }
  if (!keep(AUTHORITIES, [...new Set(known)])) throw new Error("Este navegador no guarda las autoridades");
  listAuthorities();
}

byId("verificar-codigo").addEventListener("click", () => {
  checkCode(byId<HTMLTextAreaElement>("codigo").value).catch(failed);
});
onFile("foto", async ([photo]) => checkCode(await codeInPhoto(photo as File)));
onFile("pdf", async ([file]) => checkFile(file as File));
onFile("agregar", addAuthorities);
const camera = byId<HTMLButtonElement>("camara");
camera.hidden = !navigator.mediaDevices?.getUserMedia;
camera.addEventListener("click", () => {
  watchCamera().catch((error: unknown) => failed(error instanceof DOMException ? new Error("No se pudo usar la cámara. Tome una foto o pegue el texto") : error));
});
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    const dropped = name === "drop" ? (event as DragEvent).dataTransfer?.files[0] : undefined;
    if (dropped) checkFile(dropped).catch(failed);
  });
}
listAuthorities();
