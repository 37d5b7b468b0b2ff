// What stands behind a signature in a PDF. Certificates, answers and lists of revocation are added to a signed file when they
// come, and change nothing that is seen; whatever else was added, or is written in a manner not known here, is "other": the
// page /verificar of the practice, or `medicus verify`, says what it is.
//
// Known is the manner of this program's own files: objects and an index in clear text. One that was packed is "other".

export type Later = "nothing" | "evidence" | "other";

/** A value of the format in one spelling, so that two can be compared; with its parts where it has some. */
interface Value {
  text: string;
  entries?: Map<string, Value>;
  items?: Value[];
  reference?: number;
}

interface Indirect {
  number: number;
  offset: number;
  value: Value;
  isStream: boolean;
}

/** An index in clear text: where each object of it begins, and its trailer. */
interface Index {
  places: Map<number, number>;
  trailer: Map<string, Value>;
}

const MOST_STATES = 64;
const DEEPEST = 32;
const LISTS = ["Certs", "OCSPs", "CRLs"];

/** What was added to a file behind the first `end` bytes of its text (a character a byte). */
export function later(text: string, end: number): Later {
  if (end === text.length) return "nothing";
  try {
    return onlyEvidence(text, end) ? "evidence" : "other";
  } catch {
    return "other";
  }
}

class Reader {
  constructor(
    readonly text: string,
    public at: number,
  ) {}

  fail(): never {
    throw new Error(`odd at ${this.at}`);
  }

  /** Past blanks, and what a program may remark. */
  skip(): void {
    const blank = /(?:[\0\t\n\f\r ]|%(?!%EOF)[^\r\n]*)*/y;
    blank.lastIndex = this.at;
    this.at += blank.exec(this.text)?.[0].length ?? 0;
  }

  /** What matches here, behind blanks. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.skip();
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  need(pattern: RegExp): RegExpExecArray {
    return this.take(pattern) ?? this.fail();
  }

  value(depth = 0): Value {
    if (depth > DEEPEST) this.fail();
    if (this.take(/<</)) return this.dictionary(depth);
    if (this.take(/\[/)) {
      const items: Value[] = [];
      while (!this.take(/\]/)) items.push(this.value(depth + 1));
      return { text: `[${items.map((item) => item.text).join(" ")}]`, items };
    }
    if (this.take(/\(/)) return { text: `(${this.literal()})` };
    const hexadecimal = this.take(/<([0-9A-Fa-f\s]*)>/);
    if (hexadecimal) return { text: `(${(hexadecimal[1] ?? "").replace(/\s/g, "").toLowerCase()})` };
    const reference = this.take(/(\d{1,7}) (\d{1,5}) R(?![A-Za-z0-9])/);
    if (reference) return { text: reference[0], reference: Number(reference[1]) };
    const plain = this.need(/\/[^\0\t\n\f\r ()<>[\]{}/%]*|[+-]?(?:\d+\.?\d*|\.\d+)|true|false|null/);
    return { text: plain[0] };
  }

  private dictionary(depth: number): Value {
    const entries = new Map<string, Value>();
    while (!this.take(/>>/)) {
      const key = this.need(/\/([A-Za-z0-9_.+-]+)/)[1] ?? "";
      if (entries.has(key)) this.fail();
      entries.set(key, this.value(depth + 1));
    }
    return { text: spelt(entries), entries };
  }

  /** The bytes of a text in brackets, in hexadecimal digits. */
  private literal(): string {
    let bytes = "";
    for (let open = 1; ; ) {
      const piece = /\\(?:\r\n|[0-7]{1,3}|[^])|[^]/y;
      piece.lastIndex = this.at;
      const found = piece.exec(this.text)?.[0] ?? this.fail();
      this.at += found.length;
      open += found === "(" ? 1 : found === ")" ? -1 : 0;
      if (open === 0) return bytes;
      for (const byte of unescaped(found)) bytes += byte.charCodeAt(0).toString(16).padStart(2, "0");
    }
  }

  /** "12 0 obj … endobj". */
  indirect(): Indirect {
    this.skip();
    const offset = this.at;
    const number = Number(this.need(/(\d{1,7}) 0 obj/)[1]);
    const value = this.value();
    const isStream = this.take(/stream\r?\n/) !== undefined;
    if (isStream) {
      const length = value.entries?.get("Length")?.text ?? "";
      if (!/^\d{1,8}$/.test(length)) this.fail();
      this.at += Number(length);
      this.need(/endstream/);
    }
    this.need(/endobj/);
    return { number, offset, value, isStream };
  }

  /** What follows the word "xref". */
  index(): Index {
    const places = new Map<number, number>();
    for (let run = this.take(/(\d{1,7}) (\d{1,7})\s/); run; run = this.take(/(\d{1,7}) (\d{1,7})\s/)) {
      for (let [number, rest] = [Number(run[1]), Number(run[2])]; rest > 0; number++, rest--) {
        const entry = this.need(/(\d{10}) (\d{5}) ([nf])/);
        if (entry[3] === "n") places.set(number, entry[2] === "00000" ? Number(entry[1]) : this.fail());
      }
    }
    this.need(/trailer/);
    const trailer = this.value().entries ?? this.fail();
    return { places, trailer };
  }
}

const unescaped = (piece: string): string => {
  const after = piece.slice(1);
  if (piece[0] !== "\\" || piece.length === 1) return piece;
  if (/^[0-7]/.test(after)) return String.fromCharCode(Number.parseInt(after, 8) & 255);
  if (/^[\r\n]/.test(after)) return "";
  return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }[after] ?? after;
};

/** Entries in one spelling, without some of them. */
const spelt = (entries: Map<string, Value>, without = ""): string =>
  `<<${[...entries.keys()]
    .filter((key) => key !== without)
    .sort()
    .map((key) => `/${key} ${entries.get(key)?.text}`)
    .join("")}>>`;

/** The catalog of a state of the file, where its index begins, and the number that its next object gets. */
interface State {
  start: number;
  size: number;
  root: number;
  trailer: Map<string, Value>;
  catalog: Map<string, Value>;
}

function signedState(text: string): State {
  const start = Number(/startxref\s+(\d{1,10})\s+%%EOF\s*$/.exec(text.slice(-100))?.[1] ?? Number.NaN);
  const read = (at: number): Index => {
    const reader = new Reader(text, at);
    reader.need(/xref/);
    return reader.index();
  };
  const last = read(start);
  const root = last.trailer.get("Root")?.reference ?? Number.NaN;
  let index = last;
  for (let states = 0; !index.places.has(root); states++) {
    if (states > MOST_STATES) throw new Error("too many states");
    index = read(Number(index.trailer.get("Prev")?.text ?? Number.NaN));
  }
  const catalog = new Reader(text, index.places.get(root) ?? Number.NaN).indirect();
  if (catalog.number !== root || catalog.isStream || !catalog.value.entries) throw new Error("no catalog");
  const size = Number(last.trailer.get("Size")?.text ?? Number.NaN);
  if (!(size > root)) throw new Error("no size");
  return { start, size, root, trailer: last.trailer, catalog: catalog.value.entries };
}

/** How often objects of the signed state name an object, read from its text: too often rather than too rarely. */
const named = (signed: string, number: number): number =>
  signed.match(new RegExp(`(?<!\\d)${number}\\s+\\d+\\s+R`, "g"))?.length ?? 0;

function onlyEvidence(text: string, end: number): boolean {
  const signed = text.slice(0, end);
  // What is packed could name anything.
  if (/\/(?:ObjStm|XRef)(?![A-Za-z])/.test(signed)) return false;
  let state = signedState(signed);
  const reader = new Reader(text, end);
  for (reader.skip(); reader.at < text.length; reader.skip()) {
    const objects: Indirect[] = [];
    let start = reader.at;
    for (; !reader.take(/xref/); start = reader.at) {
      objects.push(reader.indirect());
      reader.skip();
    }
    const { places, trailer } = reader.index();
    if (Number(reader.need(/startxref\s+(\d{1,10})/)[1]) !== start || !reader.take(/%%EOF/)) return false;
    // The index names what was added, each where it stands, and nothing else.
    if (places.size !== objects.length || objects.some(({ number, offset }) => places.get(number) !== offset)) return false;
    const next = grown(state, objects, trailer, start, signed);
    if (!next) return false;
    state = next;
  }
  return true;
}

/** The state after an addition of evidence; `undefined` where it is more than that. */
function grown(state: State, objects: Indirect[], trailer: Map<string, Value>, start: number, signed: string): State | undefined {
  const same = ["Root", "Info"].every((key) => trailer.get(key)?.text === state.trailer.get(key)?.text);
  const known = [...trailer.keys()].every((key) => ["Root", "Info", "ID", "Size", "Prev"].includes(key));
  if (!same || !known || trailer.get("Prev")?.text !== String(state.start)) return undefined;
  const root = objects.find(({ number }) => number === state.root);
  if (root && (root.isStream || !root.value.entries)) return undefined;
  const catalog = root?.value.entries ?? state.catalog;
  if (spelt(catalog, "DSS") !== spelt(state.catalog, "DSS")) return undefined;
  const store = catalog.get("DSS")?.reference;
  const kept = objects.find(({ number }) => number === store);
  const entries = kept?.value.entries;
  if (store === undefined || !kept || kept.isStream || !entries) return undefined;
  if (![...entries.keys()].every((key) => key === "Type" || LISTS.includes(key))) return undefined;
  const listed = new Set(LISTS.flatMap((key) => entries.get(key)?.items ?? []).map(({ reference }) => reference));
  const harmless = objects.every(({ number, isStream, value }) => {
    if (number === state.root) return true;
    // What the signed file names, and it was not there, would be seen now.
    const isNew = number >= state.size && named(signed, number) === 0;
    if (number === store) return isNew || (state.catalog.get("DSS")?.reference === store && named(signed, store) <= 1);
    return isNew && isStream && [...(value.entries?.keys() ?? [])].join() === "Length" && listed.has(number);
  });
  if (!harmless) return undefined;
  const size = Math.max(state.size, ...objects.map(({ number }) => number + 1));
  return { start, size, root: state.root, trailer, catalog };
}
