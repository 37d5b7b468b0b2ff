// A signature in a PDF, checked without a server. What was added after it is evidence of its certificate (later.ts) or is told
// and not judged here: the page /verificar of the practice, or `medicus verify`, judges it.

import { type Certificate, certificate, refusal, verifies } from "./certificate";
import { type Bytes, type Element, first, hex, inside, need, only, TAG } from "./der";
import { type Later, later } from "./later";

export interface CheckedPdf {
  signer: Certificate;
  /** Why the signature is not to be believed. */
  against: string | undefined;
  /** What stands behind what was signed. */
  later: Later;
  /** As the signer says, `D:…`. */
  claimed: string | undefined;
}

const MOST_SIGNATURES = 16;
const SIGNED_DATA = "2a864886f70d010702";
const DATA = "2a864886f70d010701";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";
const SIGNING_CERTIFICATE_V2 = "2a864886f70d010910022f";
const SHA256 = "608648016503040201";
const DAMAGED = "La firma está dañada o es de un tipo que aquí no se revisa";

/** Each signature of a file; none for a file without. */
export async function checkPdf(file: Bytes, authorities: Certificate[], now: Date): Promise<CheckedPdf[]> {
  const text = new TextDecoder("latin1").decode(file);
  if (!text.startsWith("%PDF-")) throw new Error("El archivo no es un PDF");
  const ranges = [...text.matchAll(/\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g)];
  if (ranges.length > MOST_SIGNATURES) throw new Error("El archivo tiene demasiadas firmas");
  const checked: CheckedPdf[] = [];
  for (const range of ranges) {
    const [start = 0, length = 0, next = 0, rest = 0] = range.slice(1).map(Number);
    const gap = text.slice(start + length, next);
    const contents = /^<([0-9A-Fa-f]*)>$/.exec(gap)?.[1];
    if (start !== 0 || next + rest > file.length || contents === undefined || contents.length % 2 !== 0) {
      throw new Error("La firma no cubre el documento entero");
    }
    // Around the range stands the dictionary that says when.
    const claimed = claim(text.slice(Math.max(0, range.index - 2000), range.index));
    const signed = new Uint8Array(length + rest);
    signed.set(file.subarray(0, length));
    signed.set(file.subarray(next, next + rest), length);
    const cms = Uint8Array.from(contents.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    checked.push({ ...(await judge(cms, signed, authorities, now)), later: later(text, next + rest), claimed });
  }
  return checked;
}

/** The time in what stands before a range: a text in brackets, or in hexadecimal digits. */
function claim(entries: string): string | undefined {
  const found = /\/M\s*(?:\((D:\d{14}[^)]{0,12})\)|<((?:[0-9A-Fa-f]{2}){16,32})>)/.exec(entries);
  const digits = found?.[2]?.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return found?.[1] ?? digits;
}

interface Signed {
  attributes: Element;
  signature: Bytes;
  signer: Certificate;
  digest: Bytes;
  bound: Bytes;
}

function read(cms: Bytes): Signed {
  const [outer] = first(cms);
  const [kind, content] = inside(need(outer, TAG.sequence));
  if (hex(need(kind, TAG.oid).value) !== SIGNED_DATA || !content) throw new Error(DAMAGED);
  const parts = inside(only(content.value, TAG.sequence));
  const held = inside(need(parts[2], TAG.sequence));
  if (held.length !== 1 || hex(need(held[0], TAG.oid).value) !== DATA) throw new Error(DAMAGED);
  const brought = inside(need(parts.find(({ tag }) => tag === 0xa0), 0xa0)).map(({ whole }) => certificate(whole));
  const infos = inside(need(parts.at(-1), TAG.set));
  if (infos.length !== 1) throw new Error(DAMAGED);
  const [, id, hash, attributes, , signature] = inside(need(infos[0], TAG.sequence));
  if (hex(need(inside(need(hash, TAG.sequence))[0], TAG.oid).value) !== SHA256) throw new Error(DAMAGED);
  const [issuer, serial] = inside(need(id, TAG.sequence));
  const named = `${hex(need(issuer, TAG.sequence).whole)}/${hex(need(serial, TAG.integer).whole)}`;
  const signer = brought.find((one) => `${one.issuer}/${hex(serialOf(one))}` === named);
  const signedAttributes = need(attributes, 0xa0);
  const value = (wanted: string): Element => {
    const own = inside(signedAttributes).filter((one) => hex(need(inside(one)[0], TAG.oid).value) === wanted);
    const values = own.length === 1 && own[0] ? inside(need(inside(own[0])[1], TAG.set)) : [];
    if (values.length !== 1 || !values[0]) throw new Error(DAMAGED);
    return values[0];
  };
  if (!signer || hex(value(CONTENT_TYPE).value) !== DATA) throw new Error(DAMAGED);
  // SigningCertificateV2: SEQUENCE { certs: SEQUENCE { ESSCertIDv2 { [hash], digest } } }, with SHA-256 left out as default.
  const ids = inside(need(inside(need(inside(value(SIGNING_CERTIFICATE_V2))[0], TAG.sequence))[0], TAG.sequence));
  return {
    attributes: signedAttributes,
    signature: need(signature, TAG.octets).value,
    signer,
    digest: need(value(MESSAGE_DIGEST), TAG.octets).value,
    bound: need(ids[0], TAG.octets).value,
  };
}

/** The serial number with its tag, as names in a signature have it. */
function serialOf(one: Certificate): Bytes {
  const fields = inside(only(one.signed, TAG.sequence));
  return need(fields[0]?.tag === 0xa0 ? fields[1] : fields[0], TAG.integer).whole;
}

const digest = async (bytes: Bytes): Promise<string> => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())));

async function judge(
  cms: Bytes,
  signed: Bytes,
  authorities: Certificate[],
  now: Date,
): Promise<Pick<CheckedPdf, "signer" | "against">> {
  let found: Signed;
  try {
    found = read(cms);
  } catch {
    throw new Error(DAMAGED);
  }
  const { signer } = found;
  if ((await digest(signed)) !== hex(found.digest)) return { signer, against: "El documento cambió después de la firma" };
  // Signed as a SET, stored as [0].
  const message = found.attributes.whole.slice();
  message[0] = TAG.set;
  const holds =
    (await verifies(signer, "SHA-256", found.signature, message)) && (await digest(signer.der)) === hex(found.bound);
  if (!holds) return { signer, against: "La firma no fue hecha con la llave del certificado" };
  return { signer, against: await refusal(signer, authorities, now) };
}
