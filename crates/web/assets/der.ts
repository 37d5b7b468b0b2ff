// Just enough of DER to find the parts of a certificate and of a key. Anything odd is an error, never a guess.

export type Bytes = Uint8Array<ArrayBuffer>;

export const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

export interface Element {
  tag: number;
  value: Bytes;
  /** With tag and length. */
  whole: Bytes;
}

/** The element at the beginning, and what follows it. */
export function first(bytes: Bytes): [Element, Bytes] {
  const tag = bytes[0];
  let length = bytes[1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new Error("no DER");
  let start = 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new Error("no DER");
    length = 0;
    for (const byte of bytes.subarray(2, 2 + count)) length = length * 256 + byte;
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw new Error("DER ends too early");
  return [{ tag, value: bytes.subarray(start, end), whole: bytes.subarray(0, end) }, bytes.subarray(end)];
}

/** The one element that the bytes are. */
export function only(bytes: Bytes, tag: number): Element {
  const [element, rest] = first(bytes);
  if (rest.length > 0 || element.tag !== tag) throw new Error("another element was expected");
  return element;
}

/** The elements inside one. */
export function inside(element: Element): Element[] {
  const found: Element[] = [];
  for (let rest = element.value; rest.length > 0; ) {
    const [next, more] = first(rest);
    found.push(next);
    rest = more;
  }
  return found;
}

/** An element that must be there. */
export function need(element: Element | undefined, tag: number): Element {
  if (!element || element.tag !== tag) throw new Error("another element was expected");
  return element;
}

/** A small number. */
export function number(element: Element | undefined): number {
  const { value } = need(element, TAG.integer);
  if (value.length === 0 || value.length > 6 || (value[0] ?? 0) >= 0x80) throw new Error("no small number");
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const toBase64 = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};

export const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** DER as it is, or the first block of PEM. */
export function unarmoured(bytes: Bytes): Bytes {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 200_000));
  const block = /-----BEGIN [A-Z ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  return block === undefined ? bytes : fromBase64(block.replace(/\s/g, ""));
}
