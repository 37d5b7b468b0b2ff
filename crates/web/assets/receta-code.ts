// The square code of a receta: read and checked without a server (its layout is told in `efirma/src/seal.rs`).

import { type Certificate, certificate, refusal, verifies } from "./certificate";
import type { Bytes } from "./der";

/** What the text of a code begins with. */
export const PREFIX = "MEDICUS1:";
const KIND = "RECETA-1";
/** Where the last day would stand. */
const NO_LAST_DAY = "sin plazo";
const MOST_CHARACTERS = 4_296;
const MOST_UNFOLDED = 16 * 1024;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

export interface Receta {
  document: string;
  content: string;
  patient: string;
  /** As it was signed, with its offset. */
  issued: string;
  rfc: string;
  curp: string;
  license: string;
  /** Last day, ISO; nothing where the law sets none for all of it. */
  validUntil: string | undefined;
  lines: string[];
}

export interface CheckedReceta {
  receta: Receta;
  signer: Certificate;
  /** Why it is not to be believed; nothing when it is. */
  against: string | undefined;
}

const UNREADABLE = "Esto no es el código de una receta de Medicus, o está incompleto";

/** Base45 (RFC 9285). */
export function fromBase45(text: string): Bytes {
  const digits = [...text].map((letter) => LETTERS.indexOf(letter));
  if (digits.includes(-1) || digits.length % 3 === 1) throw new Error(UNREADABLE);
  const bytes: number[] = [];
  for (let at = 0; at < digits.length; at += 3) {
    const [a = 0, b = 0, c] = digits.slice(at, at + 3);
    const value = a + 45 * b + 2025 * (c ?? 0);
    if (value > (c === undefined ? 0xff : 0xffff)) throw new Error(UNREADABLE);
    if (c !== undefined) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}

async function inflated(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts: number[] = [];
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return Uint8Array.from(parts);
    if (parts.length + value.length > MOST_UNFOLDED) throw new Error(UNREADABLE);
    parts.push(...value);
  }
}

function withLength(bytes: Bytes): [Bytes, Bytes] {
  const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (bytes.length < 2 + length) throw new Error(UNREADABLE);
  return [bytes.subarray(2, 2 + length), bytes.subarray(2 + length)];
}

function fields(cadena: string): Receta {
  const parts = cadena.startsWith("||") && cadena.endsWith("||") ? cadena.slice(2, -2).split("|") : [];
  const [kind, document, , content, patient, issued, rfc, curp, license, until, ...lines] = parts;
  if (kind !== KIND || !document || !content || !patient || !issued || !rfc || !curp || !license || !until) {
    throw new Error(UNREADABLE);
  }
  const validUntil = until === NO_LAST_DAY ? undefined : until;
  const isDay = validUntil === undefined || /^\d{4}-\d\d-\d\d$/.test(validUntil);
  if (lines.length === 0 || Number.isNaN(Date.parse(issued)) || !isDay) throw new Error(UNREADABLE);
  return { document, content, patient, issued, rfc, curp, license, validUntil, lines };
}

/**
 * Reads a code and judges it against authorities, at the time it says to have been issued.
 *
 * @throws Error whose message says that it is no code of a receta
 */
export async function checkReceta(text: string, authorities: Certificate[]): Promise<CheckedReceta> {
  const code = text.trim();
  if (!code.startsWith(PREFIX) || code.length > MOST_CHARACTERS) throw new Error(UNREADABLE);
  let cadena: Bytes;
  let signature: Bytes;
  let signer: Certificate;
  let receta: Receta;
  try {
    const [first, rest] = withLength(await inflated(fromBase45(code.slice(PREFIX.length))));
    const [second, der] = withLength(rest);
    [cadena, signature, signer] = [first, second, certificate(der)];
    receta = fields(new TextDecoder("utf-8", { fatal: true }).decode(cadena));
  } catch {
    throw new Error(UNREADABLE);
  }
  const against = (await verifies(signer, "SHA-256", signature, cadena))
    ? ((await refusal(signer, authorities, new Date(receta.issued))) ?? ownRefusal(receta, signer))
    : "El código fue alterado: la firma no corresponde a lo que dice";
  return { receta, signer, against };
}

/** The code names another physician than the one who signed it. */
function ownRefusal(receta: Receta, signer: Certificate): string | undefined {
  const same = receta.rfc === signer.rfc && receta.curp === signer.curp;
  return same ? undefined : "Quien firmó no es el médico que nombra la receta";
}
