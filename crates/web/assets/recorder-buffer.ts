// What was recorded and has not reached the server yet: in the browser's database, enciphered with a key the server gives to
// whoever is signed in and destroys with the recording. Survives a closed tab; without the key it is noise.

export type Step = "pausa" | "seguir" | "terminar";

export type Item =
  | { kind: "piece"; number: number; beginsMs: number; content: ArrayBuffer }
  | { kind: "step"; step: Step; made: number };

interface Row {
  recording: string;
  order: number;
  at: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

const NAME = "medicus-grabacion";
const STORE = "espera";
/** What nobody came back to send in so long is of a recording that was destroyed or given up. */
const OLDEST_MS = 14 * 24 * 3600 * 1000;

export class Waiting {
  private order = 0;

  private constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
    private readonly recording: string,
  ) {}

  static async open(recording: string, secret: string): Promise<Waiting> {
    const raw = Uint8Array.from(atob(secret), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: ["recording", "order"] });
    const waiting = new Waiting(await done(opening), key, recording);
    await waiting.forgetOld();
    const last = await done(waiting.store("readonly").openCursor(waiting.range(), "prev"));
    waiting.order = last ? (last.value as Row).order + 1 : 0;
    return waiting;
  }

  async add(item: Item): Promise<void> {
    const order = this.order;
    this.order += 1;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: this.bound(order) }, this.key, pack(item));
    const row: Row = { recording: this.recording, order, at: Date.now(), iv, sealed };
    await done(this.store("readwrite").add(row));
  }

  /** The oldest; `item` is missing when it cannot be read any more. */
  async first(): Promise<{ order: number; item?: Item } | undefined> {
    const cursor = await done(this.store("readonly").openCursor(this.range()));
    if (!cursor) return undefined;
    const { order, iv, sealed } = cursor.value as Row;
    try {
      return { order, item: unpack(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: this.bound(order) }, this.key, sealed)) };
    } catch {
      return { order };
    }
  }

  async drop(order: number): Promise<void> {
    await done(this.store("readwrite").delete([this.recording, order]));
  }

  count(): Promise<number> {
    return done(this.store("readonly").count(this.range()));
  }

  /** One more than the highest number of a piece that waits; 0 without one. */
  async next(): Promise<number> {
    let next = 0;
    const orders = await done(this.store("readonly").getAllKeys(this.range()));
    for (let i = orders.length - 1; i >= 0 && next === 0; i -= 1) {
      const row = (await done(this.store("readonly").get(orders[i] as IDBValidKey))) as Row | undefined;
      if (!row) continue;
      const opened = await crypto.subtle
        .decrypt({ name: "AES-GCM", iv: row.iv, additionalData: this.bound(row.order) }, this.key, row.sealed)
        .then(unpack, () => undefined);
      if (opened?.kind === "piece") next = opened.number + 1;
      else if (opened) next = opened.made;
    }
    return next;
  }

  private async forgetOld(): Promise<void> {
    const cursor = this.store("readwrite").openCursor();
    const before = Date.now() - OLDEST_MS;
    await new Promise<void>((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error ?? new Error("cursor"));
      cursor.onsuccess = () => {
        if (!cursor.result) return resolve();
        if ((cursor.result.value as Row).at < before) cursor.result.delete();
        cursor.result.continue();
      };
    });
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
  }

  private range(): IDBKeyRange {
    return IDBKeyRange.bound([this.recording, 0], [this.recording, Number.MAX_SAFE_INTEGER]);
  }

  private bound(order: number): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(`${this.recording} ${order}`);
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("indexedDB"));
  });
}

/** A line that says what it is, then the sound. */
function pack(item: Item): Uint8Array<ArrayBuffer> {
  const { content, ...head } = item.kind === "piece" ? item : { ...item, content: new ArrayBuffer(0) };
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  const packed = new Uint8Array(line.length + content.byteLength);
  packed.set(line);
  packed.set(new Uint8Array(content), line.length);
  return packed;
}

function unpack(bytes: ArrayBuffer): Item {
  const all = new Uint8Array(bytes);
  const end = all.indexOf(10);
  const head = JSON.parse(new TextDecoder().decode(all.subarray(0, end))) as Item;
  return head.kind === "piece" ? { ...head, content: bytes.slice(end + 1) } : head;
}
