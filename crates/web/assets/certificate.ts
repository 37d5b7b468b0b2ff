// Certificates, as far as a verifier without a server needs them: whose, by whom, when, for what. The rules are those of
// the crate `efirma`; what is not understood is refused.

import { type Bytes, type Element, first, hex, inside, need, number, only, TAG } from "./der";

export interface Certificate {
  der: Bytes;
  serial: string;
  name: string;
  rfc: string;
  curp: string;
  issuerName: string;
  from: Date;
  until: Date;
  issuer: string;
  subject: string;
  publicKey: Bytes;
  bits: number;
  /** What its issuer signed, how, and the signature. */
  signed: Bytes;
  algorithm: string;
  signature: Bytes;
  hasUnit: boolean;
  authority: boolean;
  /** How many authorities may stand below it. */
  depth: number;
  /** Bits of keyUsage, the first one highest; all when there is none. */
  usage: number;
  purposes: string[];
  demandsUnknown: boolean;
}

const HASHES: Record<string, string> = {
  "2a864886f70d01010b": "SHA-256",
  "2a864886f70d01010c": "SHA-384",
  "2a864886f70d01010d": "SHA-512",
};
const RSA = "2a864886f70d010101";
const NAME = "550403";
const ORGANIZATION = "55040a";
const UNIT = "55040b";
const RFC = "55042d";
const CURP = "550405";
const KEY_USAGE = "551d0f";
const BASIC_CONSTRAINTS = "551d13";
const EXTENDED_USAGE = "551d25";
const EMAIL_PROTECTION = "2b06010505070304";
/** Extensions whose demands are met here, or concern nobody here. */
const KNOWN = [KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_USAGE, "551d0e", "551d11", "551d20"];
const SIGNS_CERTIFICATES = 0x04;
const EFIRMA_USAGE = 0x18; // dataEncipherment and keyAgreement: a CSD has neither.
const MIN_BITS = 2048;

/** Text by its tag. SAT writes Ñ as T61String in Latin-1, and 2.5.4.45 as text. */
function text({ tag, value }: Element): string {
  const how = { 0x0c: "utf-8", 0x13: "latin1", 0x14: "latin1", 0x16: "latin1", 0x1e: "utf-16be" }[tag];
  return how ? new TextDecoder(how).decode(value) : "";
}

function attributes(name: Element): Map<string, string> {
  const found = new Map<string, string>();
  for (const set of inside(name)) {
    for (const attribute of inside(need(set, TAG.set))) {
      const [kind, value] = inside(need(attribute, TAG.sequence));
      if (value) found.set(hex(need(kind, TAG.oid).value), text(value).trim());
    }
  }
  return found;
}

function time({ tag, value }: Element): Date {
  const digits = new TextDecoder("latin1").decode(value);
  const whole = tag === 0x17 ? `${Number(digits.slice(0, 2)) < 50 ? "20" : "19"}${digits}` : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole)?.slice(1).map(Number);
  if (!parts) throw new Error("no time");
  const [year = 0, month = 0, ...rest] = parts;
  return new Date(Date.UTC(year, month - 1, ...rest));
}

/** The bytes of a BIT STRING of whole bytes. */
export function bitString(element: Element | undefined): Bytes {
  const { value } = need(element, TAG.bits);
  if (value[0] !== 0) throw new Error("no whole bytes");
  return value.subarray(1);
}

function extensions(fields: Element[]): Pick<Certificate, "authority" | "depth" | "usage" | "purposes" | "demandsUnknown"> {
  const found = { authority: false, depth: 99, usage: 0xff, purposes: [] as string[], demandsUnknown: false };
  const list = fields.find(({ tag }) => tag === 0xa3);
  if (!list) return found;
  for (const extension of inside(only(list.value, TAG.sequence))) {
    const parts = inside(need(extension, TAG.sequence));
    const id = hex(need(parts[0], TAG.oid).value);
    const critical = parts[1]?.tag === 0x01 && parts[1].value[0] !== 0;
    const value = need(parts.at(-1), TAG.octets).value;
    if (critical && !KNOWN.includes(id)) found.demandsUnknown = true;
    if (id === KEY_USAGE) found.usage = only(value, TAG.bits).value[1] ?? 0;
    if (id === EXTENDED_USAGE) found.purposes = inside(only(value, TAG.sequence)).map((one) => hex(one.value));
    if (id === BASIC_CONSTRAINTS) {
      const [ca, depth] = inside(only(value, TAG.sequence));
      found.authority = ca?.tag === 0x01 && ca.value[0] !== 0;
      if (depth) found.depth = number(depth);
    }
  }
  return found;
}

/** Reads a certificate in DER. */
export function certificate(der: Bytes): Certificate {
  const [signed, algorithm, signature] = inside(only(der, TAG.sequence));
  const tbs = inside(need(signed, TAG.sequence));
  if (tbs[0]?.tag === 0xa0) tbs.shift();
  const [serial, , issuer, validity, subject, key] = tbs;
  const [from, until] = inside(need(validity, TAG.sequence));
  if (!from || !until) throw new Error("no validity");
  const who = attributes(need(subject, TAG.sequence));
  const by = attributes(need(issuer, TAG.sequence));
  const digits = new TextDecoder("latin1").decode(need(serial, TAG.integer).value);
  const [kind, bits] = inside(need(key, TAG.sequence));
  const isRsa = hex(need(inside(need(kind, TAG.sequence))[0], TAG.oid).value) === RSA;
  const modulus = isRsa ? need(inside(only(bitString(bits), TAG.sequence))[0], TAG.integer).value : new Uint8Array();
  const left = (value = ""): string => value.split("/")[0]?.trim() ?? "";
  return {
    der,
    serial: /^\d+$/.test(digits) ? digits : hex(need(serial, TAG.integer).value),
    name: who.get(NAME) ?? who.get(ORGANIZATION) ?? "",
    rfc: left(who.get(RFC)),
    curp: left(who.get(CURP)),
    issuerName: by.get(NAME) ?? by.get(ORGANIZATION) ?? "",
    from: time(from),
    until: time(until),
    issuer: hex(need(issuer, TAG.sequence).whole),
    subject: hex(need(subject, TAG.sequence).whole),
    publicKey: need(key, TAG.sequence).whole,
    bits: modulus[0] === 0 ? 8 * (modulus.length - 1) : 8 * modulus.length,
    signed: need(signed, TAG.sequence).whole,
    algorithm: hex(need(inside(need(algorithm, TAG.sequence))[0], TAG.oid).value),
    signature: bitString(signature),
    hasUnit: who.has(UNIT),
    ...extensions(tbs),
  };
}

/** All certificates of a file, DER or PEM. */
export function certificates(file: Bytes): Certificate[] {
  const pem = new TextDecoder("latin1").decode(file).matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/g);
  const blocks = [...pem].map((block) => Uint8Array.from(atob((block[1] ?? "").replace(/\s/g, "")), (c) => c.charCodeAt(0)));
  if (blocks.length > 0) return blocks.map(certificate);
  const [whole] = first(file);
  return [certificate(whole.whole)];
}

/** Whether the key of a certificate made a signature. */
export async function verifies(by: Certificate, hash: string, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    const how = { name: "RSASSA-PKCS1-v1_5", hash };
    const key = await crypto.subtle.importKey("spki", by.publicKey.slice(), how, false, ["verify"]);
    return await crypto.subtle.verify(how, key, signature.slice(), message.slice());
  } catch {
    return false;
  }
}

const validAt = ({ from, until }: Certificate, at: Date): boolean => from <= at && at <= until;

/** Whether a certificate leads to a root among the authorities, all valid at a time. */
async function leads(leaf: Certificate, authorities: Certificate[], at: Date, below = 0): Promise<boolean> {
  const hash = HASHES[leaf.algorithm];
  if (!hash || below > 5) return false;
  for (const issuer of authorities) {
    const may = issuer.authority && (issuer.usage & SIGNS_CERTIFICATES) !== 0 && below <= issuer.depth;
    if (issuer.subject !== leaf.issuer || !may || issuer.bits < MIN_BITS || issuer.demandsUnknown) continue;
    if (!validAt(issuer, at) || !(await verifies(issuer, hash, leaf.signature, leaf.signed))) continue;
    if (issuer.issuer === issuer.subject || (await leads(issuer, authorities, at, below + 1))) return true;
  }
  return false;
}

/** Why somebody could not sign a clinical document with a certificate at a time; nothing when they could. */
export async function refusal(who: Certificate, authorities: Certificate[], at: Date): Promise<string | undefined> {
  const day = (date: Date): string => date.toLocaleDateString("es-MX", { dateStyle: "long" });
  const isEfirma = (who.usage & EFIRMA_USAGE) === EFIRMA_USAGE && who.purposes.includes(EMAIL_PROTECTION);
  if (who.authority || !who.rfc) return "El certificado no es una e.firma del SAT";
  if (who.hasUnit || !isEfirma) return "El certificado es un sello digital (CSD), que solo sirve para facturar";
  if (who.rfc.length !== 13 || !who.curp) return "La e.firma es de una persona moral; una receta la firma una persona física";
  if (who.bits < MIN_BITS || who.demandsUnknown) return "El certificado no es de los que se aceptan";
  if (at < who.from) return `El certificado empezó a valer el ${day(who.from)}, después de la firma`;
  if (at > who.until) return `El certificado venció el ${day(who.until)}, antes de la firma`;
  if (authorities.length === 0) return "No hay autoridades cargadas con qué comprobar el certificado";
  if (!(await leads(who, authorities, at))) return `Ninguna autoridad cargada respalda el certificado, que emitió «${who.issuerName}»`;
  return undefined;
}
