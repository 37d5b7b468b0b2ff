// The keyboard: single letters when no field has the focus, and they can be switched off (WCAG 2.1.4).

import { select, selected, visibleSentences } from "./evidence";

const OFF = "medicus-sin-letras";
let waitingForPlace = false;

/** Starts listening. */
export function startKeys(): void {
  document.addEventListener("keydown", onKey);
  startHeard();
  const box = document.getElementById("sin-letras");
  if (box instanceof HTMLInputElement) {
    box.checked = lettersAreOff();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "si" : ""));
  }
}

function lettersAreOff(): boolean {
  try {
    return localStorage.getItem(OFF) === "si";
  } catch {
    return false;
  }
}

function onKey(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const typing = target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = target.closest("form");
    if (form) form.requestSubmit(form.querySelector<HTMLButtonElement>(".btn-primary"));
    return;
  }
  if (event.key === "Enter" && target.matches(".edit-form textarea") && !event.shiftKey) {
    event.preventDefault();
    target.closest("form")?.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    onEscape(target);
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    if (pressIn(selected(), `[data-key="${event.key === "ArrowDown" ? "bajar" : "subir"}"]`)) event.preventDefault();
    return;
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (moveHeard(event.key === "ArrowDown" ? 1 : -1, target) || move(event.key === "ArrowDown" ? 1 : -1, target)) event.preventDefault();
    return;
  }
  if (!lettersAreOff() && act(event)) event.preventDefault();
}

function onEscape(target: HTMLElement): void {
  const cancel = document.querySelector<HTMLElement>('[data-key="escape"]');
  if (cancel) cancel.click();
  else target.blur();
}

/** The turn of "Lo que se oyó" the keyboard acts on. */
function heardTurn(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".heard > li[tabindex='0']");
}

/** Up and down between the turns of "Lo que se oyó". */
function moveHeard(step: number, target: HTMLElement): boolean {
  const turns = [...document.querySelectorAll<HTMLElement>(".heard > li")];
  if (turns.length === 0 || (target !== document.body && !target.closest(".heard"))) return false;
  const now = turns.findIndex((turn) => turn === heardTurn());
  // The first key goes to the turn that is chosen already.
  const next = target === document.body ? now : now + step;
  chooseHeard(turns, turns[Math.min(Math.max(next, 0), turns.length - 1)]);
  return true;
}

function chooseHeard(turns: HTMLElement[], turn: HTMLElement | undefined): void {
  if (!turn) return;
  for (const other of turns) other.tabIndex = other === turn ? 0 : -1;
  turn.focus();
}

/** After a correction the page comes back to its turn; whatever has the focus says which turn the keys act on. */
function startHeard(): void {
  const turns = [...document.querySelectorAll<HTMLElement>(".heard > li")];
  if (turns.length === 0) return;
  document.addEventListener("focusin", (event) => {
    const turn = event.target instanceof Element ? event.target.closest<HTMLElement>(".heard > li") : null;
    if (turn) for (const other of turns) other.tabIndex = other === turn ? 0 : -1;
  });
  chooseHeard(turns, turns.find((turn) => `#${turn.id}` === location.hash));
}

/** Up and down inside the note. */
function move(step: number, target: HTMLElement): boolean {
  const sentences = visibleSentences();
  if (sentences.length === 0 || (target !== document.body && !target.closest("#nota"))) return false;
  const index = sentences.findIndex((sentence) => sentence === selected());
  const next = sentences[Math.min(Math.max(index + step, 0), sentences.length - 1)];
  if (next) select(next, true);
  return true;
}

function act(event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (waitingForPlace) {
    waitingForPlace = false;
    return press(`.nav [data-key="${CSS.escape(key)}"]`);
  }
  if (event.key === "/") return focusOn("#q");
  if (event.key === "?") return showShortcuts();
  if (key === "g") {
    waitingForPlace = true;
    window.setTimeout(() => (waitingForPlace = false), 1500);
    return true;
  }
  if (key === "c") return press('[data-key="consulta"]');
  if (document.querySelector(".heard > li")) return pressIn(heardTurn(), `[data-key="${CSS.escape(key)}"]`);
  return document.getElementById("nota") ? review(event, key) : plan(event, key);
}

/** On the agenda: M takes up the visit that has the focus, Z undoes the last move. */
function plan(event: KeyboardEvent, key: string): boolean {
  const visit = event.target instanceof Element ? event.target.closest("[data-move]") : null;
  if (key === "m") return pressIn(visit, "[data-take]");
  return key === "z" ? press('#deshacer [data-key="z"]') : false;
}

function review(event: KeyboardEvent, key: string): boolean {
  const current = selected();
  if (key === "a" && event.shiftKey) {
    return pressIn(current?.closest(".part") ?? null, '[data-key="aceptar-resto"]');
  }
  if (key === "a" || key === "e" || key === "x" || key === "o") return pressIn(current, `[data-key="${key}"]`);
  if (key === "n" || key === "f") {
    return pressIn(current?.closest(".part") ?? document.querySelector("#nota .part"), `[data-key="${key}"]`);
  }
  if (key === "m") {
    const line = document.querySelector<HTMLInputElement>("#nota .quick-line input[name=renglon]");
    line?.focus();
    return line !== null;
  }
  if (key === "z") return press('#deshacer [data-key="z"]');
  if (key === "d") return nextPending();
  if (key >= "1" && key <= "9") {
    if (press(`#nota [data-phrase="${key}"]`) || pressIn(current, `[data-complete="${key}"]`)) return true;
    const choice = document.querySelector<HTMLInputElement>(`#pendientes [data-choice="${key}"]`);
    if (!choice) return false;
    choice.checked = true;
    choice.focus();
    return true;
  }
  return false;
}

/** The next sentence nobody decided about, then what the queue names first. */
function nextPending(): boolean {
  const sentences = visibleSentences();
  const index = sentences.findIndex((sentence) => sentence === selected());
  const pending = (sentence: HTMLElement): boolean => sentence.hasAttribute("data-pending");
  const next = sentences.slice(index + 1).find(pending) ?? sentences.find((s) => pending(s) && s !== selected());
  if (next) {
    select(next, true);
    return true;
  }
  return press('#pendientes [data-key="d"]');
}

function press(selector: string): boolean {
  return pressIn(document.body, selector);
}

function pressIn(root: Element | null, selector: string): boolean {
  const button = root?.querySelector<HTMLElement>(selector);
  button?.click();
  return button !== null && button !== undefined;
}

function focusOn(selector: string): boolean {
  const field = document.querySelector<HTMLInputElement>(selector);
  if (!field) return press('.nav [data-key="p"]');
  field.focus();
  field.select();
  return true;
}

function showShortcuts(): boolean {
  const dialog = document.getElementById("atajos");
  if (!(dialog instanceof HTMLDialogElement)) return false;
  dialog.showModal();
  return true;
}
