// The sentence in focus lights up the words it rests on, and the other way round.

/** The sentences of the note in reading order. */
export function visibleSentences(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#nota .sentence")];
}

/** The sentence the keyboard acts on. */
export function selected(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#nota .sentence.sel");
}

let scrolledByHand = 0;
let held = false;

/** While the note is exchanged the focus jumps by itself and chooses no sentence: the answer says which one it is. */
export function holdSelection(hold: boolean): void {
  held = hold;
}

/** Starts listening. */
export function startEvidence(): void {
  if (!document.getElementById("nota")) return;
  document.getElementById("transcripcion")?.addEventListener("wheel", () => (scrolledByHand = Date.now()), { passive: true });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && event.target instanceof Element) onPoint(event.target);
  });
  document.addEventListener("focusin", (event) => {
    if (held) return;
    const sentence = event.target instanceof Element ? event.target.closest<HTMLElement>("#nota .sentence") : null;
    if (sentence && !sentence.classList.contains("sel")) select(sentence, false);
  });
  document.addEventListener("click", (event) => {
    const sentence = event.target instanceof Element ? event.target.closest<HTMLElement>("#nota .sentence") : null;
    if (sentence) select(sentence, false);
  });
  openCites(selected());
  light(selected());
}

/** Where the transcript is in another tab, the words stand open under the sentence. */
function openCites(sentence: HTMLElement | null): void {
  const cites = sentence?.querySelector<HTMLDetailsElement>(".cites");
  if (cites && window.matchMedia("(max-width: 1180px)").matches) cites.open = true;
}

function onPoint(target: Element): void {
  const sentence = target.closest<HTMLElement>("#nota .sentence");
  if (sentence) {
    light(sentence);
    return;
  }
  const words = target.closest<HTMLElement>("mark[data-o]");
  const marks = new Set((words?.dataset.o ?? "").split(" "));
  for (const other of visibleSentences()) other.classList.toggle("cited", marks.has(other.dataset.m ?? "-"));
  if (!words && target.closest("#nota")) light(selected());
}

/** Makes a sentence the current one; `focus` moves the focus there too. */
export function select(sentence: HTMLElement, focus: boolean): void {
  for (const other of visibleSentences()) {
    const current = other === sentence;
    other.classList.toggle("sel", current);
    other.tabIndex = current ? 0 : -1;
  }
  openCites(sentence);
  light(sentence);
  if (focus) {
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "nearest" });
  }
}

/** Lights the words of a sentence and brings the first of them a third from the top. */
function light(sentence: HTMLElement | null): void {
  for (const mark of document.querySelectorAll("mark.lit")) mark.classList.remove("lit");
  const name = sentence?.dataset.m;
  if (!name) return;
  const words = document.querySelectorAll<HTMLElement>(`mark[data-o~="${CSS.escape(name)}"]`);
  for (const mark of words) mark.classList.add("lit");
  const roll = document.querySelector<HTMLElement>("#transcripcion .roll");
  const first = words[0];
  if (!first || !roll || Date.now() - scrolledByHand < 1500) return;
  const offset = first.getBoundingClientRect().top - roll.getBoundingClientRect().top;
  if (offset < 0 || offset > roll.clientHeight * 0.85) roll.scrollTop += offset - roll.clientHeight / 3;
}
