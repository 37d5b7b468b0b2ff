// The page "Firmar con e.firma": files and password are read here and stay here. The server gets the certificate, says
// what has to be signed, and gets 256 bytes for each.

import { type Bytes, fromBase64, toBase64 } from "./der";
import { KeyProblem, openKey, type Signer } from "./efirma-key";

interface Asked {
  token: string;
  message: string;
}

type Reply =
  | { kind: "confirm"; name: string; rfc: string; curp: string; account: string }
  | { kind: "sign"; asked: Asked[] }
  | { kind: "done" }
  | { kind: "errors"; errors: { field: string; message: string }[] };

/** What is wrong, by field. */
class Refused extends Error {
  constructor(readonly errors: { field: string; message: string }[]) {
    super("refused");
  }
}

/** Wrong passwords in a row before a pause, and how long that is. */
const TRIES = 5;
const PAUSE_MS = 60_000;

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector<HTMLFormElement>("form[data-efirma]");
  if (form) start(form);
});

function start(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!button) return;
  button.disabled = false;
  let wrong = 0;
  let until = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (Date.now() < until) {
      show(form, [{ field: "clave", message: "Demasiados intentos. Espere un minuto y vuelva a intentar" }]);
      return;
    }
    button.disabled = true;
    show(form, []);
    run(form)
      .catch((error: unknown) => {
        if (error instanceof KeyProblem) {
          if (error.field === "clave" && ++wrong >= TRIES) [wrong, until] = [0, Date.now() + PAUSE_MS];
          show(form, [error]);
        } else if (error instanceof Refused) {
          show(form, error.errors);
        } else {
          show(form, [{ field: "firma", message: "No se pudo completar la firma. Revise la conexión y vuelva a intentar" }]);
        }
      })
      .finally(() => {
        button.disabled = false;
        say(form, "");
      });
  });
}

async function run(form: HTMLFormElement): Promise<void> {
  say(form, "Abriendo la llave en este equipo…");
  const [cer, key] = [await file(form, "cer", "Elija el archivo .cer"), await file(form, "key", "Elija el archivo .key")];
  const clave = input(form, "clave");
  const signer = await openKey(cer, key, clave.value);
  const body = new FormData(form);
  body.set("certificado", toBase64(signer.certificate));
  const reply = await post(form.action, body);
  if (reply.kind === "confirm") return confirm(form, reply);
  if (reply.kind !== "sign") throw new Error("unexpected");
  clave.value = "";
  for (const [index, asked] of reply.asked.entries()) {
    say(form, `Firmando ${index + 1} de ${reply.asked.length}…`);
    await answer(form, signer, asked);
  }
  location.assign(form.dataset.efirma ?? "/documentos");
}

/** Signs what is asked of one document, until there is nothing more. */
async function answer(form: HTMLFormElement, signer: Signer, first: Asked): Promise<void> {
  for (let asked: Asked | undefined = first; asked; ) {
    const signed = await signer.sign(fromBase64(asked.message));
    const body = new FormData();
    body.set("_token", input(form, "_token").value);
    body.set("turno", asked.token);
    body.set("firma", toBase64(signed));
    const reply = await post(`${form.action}/respuesta`, body);
    asked = reply.kind === "sign" ? reply.asked[0] : undefined;
  }
}

async function post(address: string, body: FormData): Promise<Reply> {
  const sent = new URLSearchParams();
  for (const [name, value] of body) if (typeof value === "string") sent.append(name, value);
  const response = await fetch(address, { method: "POST", body: sent, headers: { accept: "application/json" } });
  if (response.status === 401) {
    const message = "Su sesión terminó. Entre de nuevo en otra pestaña y vuelva a intentar aquí";
    throw new Refused([{ field: "firma", message }]);
  }
  if (!response.headers.get("content-type")?.startsWith("application/json")) throw new Error(`status ${response.status}`);
  const reply: Reply = await response.json();
  if (reply.kind === "errors") throw new Refused(reply.errors);
  return reply;
}

/** Whose certificate it is, the first time. */
function confirm(form: HTMLFormElement, who: { name: string; rfc: string; curp: string; account: string }): void {
  const place = form.querySelector<HTMLElement>("[data-confirm]");
  const words = place?.querySelector<HTMLElement>("[data-who]");
  const box = place?.querySelector<HTMLInputElement>("input");
  if (!place || !words || !box) return;
  words.textContent = `El certificado es de ${who.name}, RFC ${who.rfc}, CURP ${who.curp}; la cuenta es de ${who.account}.`;
  place.hidden = false;
  box.disabled = false;
  box.focus();
}

function input(form: HTMLFormElement, id: string): HTMLInputElement {
  const found = form.querySelector(id === "_token" ? "input[name=_token]" : `#${id}`);
  if (!(found instanceof HTMLInputElement)) throw new Error(`no ${id}`);
  return found;
}

async function file(form: HTMLFormElement, id: "cer" | "key", missing: string): Promise<Bytes> {
  const chosen = input(form, id).files?.[0];
  if (!chosen) throw new KeyProblem(id, missing);
  return new Uint8Array(await chosen.slice(0, 1024 * 1024).arrayBuffer());
}

/** Each message beside its field; what has no field stands above the button. */
function show(form: HTMLFormElement, errors: readonly { field: string; message: string }[]): void {
  let focus: HTMLElement | undefined;
  for (const place of form.querySelectorAll<HTMLElement>("[data-error]")) {
    const own = errors.filter(({ field }) => field === place.dataset.error);
    place.textContent = own.map(({ message }) => message).join(". ");
    place.hidden = own.length === 0;
    const field = form.querySelector<HTMLElement>(`#${place.dataset.error}`);
    place.closest(".field")?.classList.toggle("field-bad", own.length > 0);
    if (own.length === 0) field?.removeAttribute("aria-invalid");
    else field?.setAttribute("aria-invalid", "true");
    if (place.id) field?.setAttribute("aria-describedby", place.id);
    if (own.length > 0) focus ??= field ?? place;
  }
  focus?.focus();
}

function say(form: HTMLFormElement, text: string): void {
  const status = form.querySelector<HTMLElement>("[role=status]");
  if (status) status.textContent = text;
}
