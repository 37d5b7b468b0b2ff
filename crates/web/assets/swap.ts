// Forms and links marked data-swap change the consultation in place instead of loading a page.
//
// The server answers the note, and the queue, version and progress out of band. Scroll and focus stay where they were.

import { htmx } from "./htmx";
import { holdSelection, select, selected, visibleSentences } from "./evidence";

const NOTE = "#nota";
let scroll = 0;
let queueScroll = 0;
let place = 0;
/** The sentence whose form was left as it was: one is back on it. */
let left = "";
/** What is asked of the server now: pressing the same twice must not ask it twice, the second would be refused as late. */
let asked = "";

/** Starts listening. */
export function startSwap(): void {
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:beforeSwap", onAnswer);
  document.body.addEventListener("htmx:afterSettle", onSettled);
  document.body.addEventListener("htmx:sendError", () => say("Sin conexión con el servidor. Siga escribiendo; intente de nuevo."));
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const target = (event as CustomEvent<{ target: HTMLElement }>).detail.target;
    const timer = window.setTimeout(() => target.classList.add("slow"), 300);
    document.body.addEventListener("htmx:afterRequest", () => window.clearTimeout(timer), { once: true });
  });
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  const api = htmx();
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-swap") || !api || !document.querySelector(NOTE)) return;
  const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
  // What makes a code more precise is a page of its own.
  if (button?.name === "precisar") return;
  event.preventDefault();
  const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.pathname;
  if (action === asked) return;
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") values[name] = value;
  if (button?.name) values[button.name] = button.value;
  form.removeAttribute("data-dirty");
  remember();
  left = "";
  asked = action;
  document.body.addEventListener("htmx:afterRequest", () => (asked = ""), { once: true });
  void api.ajax("POST", action, { target: NOTE, swap: "outerHTML", values });
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-swap]") : null;
  const api = htmx();
  if (!link || !api || event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector(NOTE)) return;
  event.preventDefault();
  remember();
  left = link.dataset.key === "escape" ? link.hash.slice(1) : "";
  void api.ajax("GET", link.pathname + link.search, { target: NOTE, swap: "outerHTML" });
}

function remember(): void {
  scroll = document.querySelector(`${NOTE} .roll`)?.scrollTop ?? 0;
  queueScroll = document.querySelector("#pendientes .roll")?.scrollTop ?? 0;
  place = visibleSentences().findIndex((sentence) => sentence === selected());
}

/** An answer that is a whole page (signed out, our fault) replaces the page; one to correct is swapped as usual. */
function onAnswer(event: Event): void {
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; target: Element; serverResponse: string }>).detail;
  if (/^\s*<!doctype/i.test(detail.serverResponse)) {
    detail.shouldSwap = false;
    const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    document.title = page.title;
    document.body.replaceWith(page.body);
    document.getElementById("contrasena")?.focus();
  } else if (detail.xhr.status >= 400) {
    detail.shouldSwap = true;
  }
  holdSelection(detail.shouldSwap);
}

/** Puts scroll and focus back, and says what happened. */
function onSettled(event: Event): void {
  const target = (event as CustomEvent<{ target?: Element }>).detail.target;
  holdSelection(false);
  if (!document.querySelector(NOTE) || (target && target.id !== "nota")) return;
  const note = document.querySelector(`${NOTE} .roll`);
  if (note) note.scrollTop = scroll;
  const queue = document.querySelector("#pendientes .roll");
  if (queue) queue.scrollTop = queueScroll;
  const form = document.querySelector<HTMLElement>(`${NOTE} .edit-form`);
  if (form) {
    const field = form.querySelector<HTMLElement>("[aria-invalid], textarea, input:not([type=hidden]), select, [data-phrase]");
    field?.focus();
    if (field instanceof HTMLTextAreaElement) field.setSelectionRange(field.value.length, field.value.length);
    form.scrollIntoView({ block: "nearest" });
    return;
  }
  const sentences = visibleSentences();
  const back = sentences.find((sentence) => sentence.id === left);
  const pending = (sentence: HTMLElement): boolean => sentence.hasAttribute("data-pending");
  // What was taken back is decided again; otherwise on to the next one.
  const next = back ?? sentences.find((s) => pending(s) && s.classList.contains("sel")) ?? sentences.slice(Math.max(place, 0)).find(pending);
  const target_ = next ?? sentences[Math.min(Math.max(place, 0), sentences.length - 1)];
  if (target_) select(target_, true);
  const toast = document.querySelector("#deshacer .toast");
  if (toast) {
    say(toast.querySelector("span")?.textContent ?? "");
    hideLater(toast);
  }
}

/** A toast stays 8 seconds, longer under the pointer or with the focus. */
function hideLater(toast: Element): void {
  window.setTimeout(() => {
    if (!toast.isConnected) return;
    if (toast.matches(":hover, :focus-within")) hideLater(toast);
    else toast.classList.add("gone");
  }, 8000);
}

/** Says something to who listens to the page. */
export function say(text: string): void {
  const live = document.getElementById("aviso");
  if (live) live.textContent = text;
}
