// A visit is put at another time: dragged with the mouse onto a free one, or taken up with "Mover" (or M) and put down with a
// press on a free time. Arrows go through the free times, Escape leaves the visit where it is.
//
// Without this file "Mover" leads to the page of the visit, and a free time to a new one.

const MOVING = "moving";
let taken: HTMLElement | null = null;

/** Starts listening. */
export function startAgenda(): void {
  const form = document.getElementById("mover");
  if (!(form instanceof HTMLFormElement)) return;
  const gaps = [...document.querySelectorAll<HTMLAnchorElement>(".free-hour")];
  for (const visit of document.querySelectorAll<HTMLElement>("[data-move]")) {
    if (gaps.length === 0) break;
    watchVisit(visit);
  }
  for (const gap of gaps) watchGap(gap, form);
  const bar = document.getElementById("moviendo");
  bar?.querySelector("button")?.addEventListener("click", () => leave(true));
  document.addEventListener("keydown", (event) => onKey(event, gaps), true);
}

function watchVisit(visit: HTMLElement): void {
  visit.draggable = true;
  // The name covers the whole line: a drag begins with the line, not with its link.
  for (const link of visit.querySelectorAll("a")) link.draggable = false;
  visit.addEventListener("dragstart", (event) => {
    event.dataTransfer?.setData("text/plain", visit.dataset.name ?? "");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
    taken = visit;
    // Once the drag is on its way: a page that changes in the middle of its beginning ends it.
    window.setTimeout(() => {
      if (taken === visit) mark(visit);
    });
  });
  visit.addEventListener("dragend", () => leave(false));
  visit.querySelector("[data-take]")?.addEventListener("click", (event) => {
    event.preventDefault();
    take(visit);
    nearest(visit)?.focus();
  });
}

function watchGap(gap: HTMLAnchorElement, form: HTMLFormElement): void {
  const put = (event: Event): void => {
    if (!taken) return;
    event.preventDefault();
    form.action = `/citas/${taken.dataset.move ?? ""}/mover`;
    set(form, "inicio", gap.dataset.at);
    set(form, "con", gap.dataset.with);
    // After the drag has ended: a page that leaves in the middle of one may leave the pointer holding the visit.
    window.setTimeout(() => form.requestSubmit());
  };
  gap.addEventListener("click", put);
  gap.addEventListener("drop", put);
  gap.addEventListener("dragover", (event) => {
    if (!taken) return;
    event.preventDefault();
    gap.classList.add("under");
  });
  for (const name of ["dragleave", "drop"]) gap.addEventListener(name, () => gap.classList.remove("under"));
}

function set(form: HTMLFormElement, name: string, value: string | undefined): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value ?? "";
}

/** Shows which visit is being moved, and where it can go. */
function mark(visit: HTMLElement): void {
  visit.classList.add("taken");
  document.body.classList.add(MOVING);
}

function take(visit: HTMLElement): void {
  taken?.classList.remove("taken");
  taken = visit;
  mark(visit);
  const words = `Mover a ${visit.dataset.name ?? ""}: elija una hora libre.`;
  const bar = document.getElementById("moviendo");
  const text = bar?.querySelector("span");
  if (bar && text) {
    text.textContent = words;
    bar.hidden = false;
  }
  const status = document.getElementById("aviso");
  if (status) status.textContent = `${words} Flechas para recorrer, Enter para mover, Escape para dejarla.`;
}

/** Leaves the visit where it is; the focus goes back to it. */
function leave(back: boolean): void {
  const visit = taken;
  taken = null;
  visit?.classList.remove("taken");
  document.body.classList.remove(MOVING);
  const bar = document.getElementById("moviendo");
  if (bar) bar.hidden = true;
  if (back) visit?.querySelector<HTMLElement>("[data-take]")?.focus();
}

/** The first free time after a visit in its column, or the last before it, or any. */
function nearest(visit: HTMLElement): HTMLElement | null {
  const column = visit.closest("section");
  const own = [...(column?.querySelectorAll<HTMLElement>(".free-hour") ?? [])];
  const after = own.find((gap) => visit.compareDocumentPosition(gap) & Node.DOCUMENT_POSITION_FOLLOWING);
  return after ?? own.at(-1) ?? document.querySelector<HTMLElement>(".free-hour");
}

function onKey(event: KeyboardEvent, gaps: HTMLElement[]): void {
  if (!taken) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    leave(true);
    return;
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const at = gaps.findIndex((gap) => gap === document.activeElement);
  gaps[Math.min(Math.max(at + step, 0), gaps.length - 1)]?.focus();
}
