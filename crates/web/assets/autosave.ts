// What is being typed in a form is kept by the server, so that a closed tab or an ended session loses nothing.
//
// Nothing is kept in the browser. Without this file forms work as they are: what is sent is saved.

const QUIET_MS = 1200;
const LONGEST_MS = 5000;
// Browsers refuse more in a request that outlives its page.
const KEEPALIVE_MOST = 60_000;

interface Typing {
  timer: number;
  since: number;
  request?: AbortController;
}

const typing = new WeakMap<HTMLFormElement, Typing>();

/** Starts listening. */
export function startAutosave(): void {
  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (form) later(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement) stop(event.target);
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('[data-key="escape"]') : null;
    const form = formOf(link);
    if (form) void forget(form);
  }, true);
  const leave = (): void => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosave]")) {
      if (typing.has(form)) void keep(form, true);
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  window.addEventListener("pagehide", leave);
}

function formOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>("form[data-autosave]") : null;
}

/** Waits for a pause, but not for ever. */
function later(form: HTMLFormElement): void {
  const now = Date.now();
  const state = typing.get(form) ?? { timer: 0, since: now };
  window.clearTimeout(state.timer);
  const wait = Math.min(QUIET_MS, Math.max(0, state.since + LONGEST_MS - now));
  state.timer = window.setTimeout(() => void keep(form, false), wait);
  typing.set(form, state);
}

/** What was sent needs no keeping. */
function stop(form: HTMLFormElement): void {
  const state = typing.get(form);
  if (!state) return;
  window.clearTimeout(state.timer);
  state.request?.abort();
  typing.delete(form);
}

async function keep(form: HTMLFormElement, leaving: boolean): Promise<void> {
  const state = typing.get(form);
  const address = form.dataset["autosave"];
  if (!state || !address) return;
  window.clearTimeout(state.timer);
  typing.delete(form);
  const request = new AbortController();
  typing.set(form, { timer: 0, since: Date.now(), request });
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !name.includes("contrasena")) body.append(name, value);
  }
  try {
    const keepalive = leaving && body.toString().length < KEEPALIVE_MOST;
    const answer = await fetch(address, { method: "POST", body, keepalive, signal: request.signal });
    if (answer.ok) say(form, await answer.text());
    else if (answer.status === 401) say(form, "Su sesión terminó. Su texto sigue aquí: al enviarlo se le pedirá su contraseña.");
    else say(form, "No se pudo guardar mientras escribe. Su texto sigue aquí.");
  } catch {
    if (!request.signal.aborted) say(form, "Sin conexión con el servidor. Su texto sigue aquí.");
  }
  const after = typing.get(form);
  if (after?.request === request && after.timer === 0) typing.delete(form);
}

/** Cancelar: the text is not wanted. */
async function forget(form: HTMLFormElement): Promise<void> {
  stop(form);
  const body = new URLSearchParams();
  for (const name of ["_token", "formulario"]) body.append(name, String(new FormData(form).get(name) ?? ""));
  try {
    await fetch(`${form.dataset["autosave"]}/descartar`, { method: "POST", body, keepalive: true, redirect: "manual" });
  } catch {
    // It is offered once more; nothing is lost.
  }
}

function say(form: HTMLFormElement, text: string): void {
  const place = form.querySelector(".saved");
  if (place && place.textContent !== text) place.textContent = text;
}
