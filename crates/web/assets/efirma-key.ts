// Opens the key of an e.firma in this browser and signs with it. Key and password go nowhere: there is no request here.
//
// A `.key` is PKCS#8 enciphered by PBES2. WebCrypto derives the password's key (PBKDF2), deciphers AES and signs with a
// key that cannot be read out again; only Triple DES, which SAT uses, is not in WebCrypto and comes from des.js.

import des from "des.js";
import { type Bytes, type Element, hex, inside, need, number, only, TAG, unarmoured } from "./der";

/** The field an error belongs to, and what to do. */
export class KeyProblem extends Error {
  constructor(
    readonly field: "cer" | "key" | "clave",
    message: string,
  ) {
    super(message);
  }
}

export interface Signer {
  /** The certificate, DER. */
  certificate: Bytes;
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  sign(message: Bytes): Promise<Bytes>;
}

/** Far above any real file; SAT's have 1,500 bytes. */
const MOST_BYTES = 64 * 1024;
/** Far above any real key; SAT's have 2,048. */
const MOST_ITERATIONS = 5_000_000;

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

const PBES2 = "2a864886f70d01050d";
const PBKDF2 = "2a864886f70d01050c";
const DES_EDE3 = "2a864886f70d0307";
/** Bytes of the key of each cipher. */
const CIPHERS: Record<string, number> = {
  [DES_EDE3]: 24,
  "608648016503040102": 16,
  "608648016503040116": 24,
  "60864801650304012a": 32,
};
const DIGESTS: Record<string, string> = {
  "2a864886f70d0207": "SHA-1",
  "2a864886f70d0209": "SHA-256",
  "2a864886f70d020a": "SHA-384",
  "2a864886f70d020b": "SHA-512",
};

const WRONG = "Contraseña incorrecta, o la llave no corresponde al certificado. Revise los tres";
const NO_CERTIFICATE = "El archivo no es un certificado o está incompleto. Elija el archivo .cer que le dio el SAT";
const NO_KEY = "El archivo no es una llave o está incompleto. Elija el archivo .key que le dio el SAT";

/** What a file seems to be, by its outermost parts. */
function kind(bytes: Bytes): "certificate" | "key" | "open key" | "pfx" | undefined {
  try {
    const parts = inside(only(bytes, TAG.sequence));
    const tags = parts.map(({ tag }) => tag);
    if (tags[0] === TAG.sequence && tags[1] === TAG.sequence && tags[2] === TAG.bits) return "certificate";
    if (tags[0] === TAG.sequence && tags[1] === TAG.octets && tags.length === 2) return "key";
    if (tags[0] === TAG.integer) return number(parts[0]) === 3 ? "pfx" : "open key";
  } catch {
    // Told below: it is none of them.
  }
  return undefined;
}

function certificateOf(file: Bytes): Bytes {
  if (file.length > MOST_BYTES) throw new KeyProblem("cer", NO_CERTIFICATE);
  let bytes: Bytes;
  try {
    bytes = unarmoured(file);
  } catch {
    throw new KeyProblem("cer", NO_CERTIFICATE);
  }
  switch (kind(bytes)) {
    case "certificate":
      return bytes;
    case "key":
    case "open key":
      throw new KeyProblem("cer", "Este archivo es una llave (.key), no un certificado. Elija el archivo .cer");
    default:
      throw new KeyProblem("cer", NO_CERTIFICATE);
  }
}

function enciphered(file: Bytes): Element[] {
  if (file.length > MOST_BYTES) throw new KeyProblem("key", NO_KEY);
  let bytes: Bytes;
  try {
    bytes = unarmoured(file);
  } catch {
    throw new KeyProblem("key", NO_KEY);
  }
  switch (kind(bytes)) {
    case "key":
      return inside(only(bytes, TAG.sequence));
    case "certificate":
      throw new KeyProblem("key", "Este archivo es un certificado (.cer), no una llave. Elija el archivo .key");
    case "open key":
      throw new KeyProblem("key", "La llave no está protegida con contraseña. Elija el archivo .key que le dio el SAT");
    case "pfx":
      throw new KeyProblem("key", "El archivo es un .pfx o .p12. Elija los archivos .cer y .key que le dio el SAT");
    default:
      throw new KeyProblem("key", NO_KEY);
  }
}

interface Scheme {
  salt: Bytes;
  iterations: number;
  digest: string;
  cipher: string;
  iv: Bytes;
  data: Bytes;
}

function scheme(file: Bytes): Scheme {
  const [algorithm, data] = enciphered(file);
  try {
    const [name, parameters] = inside(need(algorithm, TAG.sequence));
    if (hex(need(name, TAG.oid).value) !== PBES2) throw new Error("another scheme");
    const [derivation, encryption] = inside(need(parameters, TAG.sequence));
    const [derives, settings] = inside(need(derivation, TAG.sequence));
    if (hex(need(derives, TAG.oid).value) !== PBKDF2) throw new Error("another derivation");
    const [salt, iterations, ...more] = inside(need(settings, TAG.sequence));
    const prf = more.find(({ tag }) => tag === TAG.sequence);
    const digest = prf ? DIGESTS[hex(need(inside(prf)[0], TAG.oid).value)] : "SHA-1";
    const [cipher, iv] = inside(need(encryption, TAG.sequence));
    const named = hex(need(cipher, TAG.oid).value);
    const count = number(iterations);
    if (digest === undefined || CIPHERS[named] === undefined) throw new Error("another algorithm");
    if (count < 1 || count > MOST_ITERATIONS) throw new Error("too many iterations");
    return {
      salt: need(salt, TAG.octets).value,
      iterations: count,
      digest,
      cipher: named,
      iv: need(iv, TAG.octets).value,
      data: need(data, TAG.octets).value,
    };
  } catch {
    throw new KeyProblem("key", "La llave está protegida de un modo que no se conoce, o está dañada. Elija el archivo .key que le dio el SAT");
  }
}

async function decipher(key: Scheme, password: Bytes): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", salt: key.salt, iterations: key.iterations, hash: key.digest };
  const secret = new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * (CIPHERS[key.cipher] ?? 0)));
  try {
    if (key.cipher !== DES_EDE3) {
      const aes = await crypto.subtle.importKey("raw", secret, "AES-CBC", false, ["decrypt"]);
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv: key.iv }, aes, key.data));
    }
    if (key.data.length % 8 !== 0 || key.iv.length !== 8) throw new Error("no whole blocks");
    const cipher = des.CBC.instantiate(des.EDE).create({ type: "decrypt", key: secret, iv: key.iv, padding: false });
    return unpadded(Uint8Array.from([...cipher.update(key.data), ...cipher.final()]));
  } finally {
    secret.fill(0);
  }
}

function unpadded(bytes: Bytes): Bytes {
  const count = bytes.at(-1) ?? 0;
  const padding = bytes.subarray(bytes.length - count);
  if (count < 1 || count > 8 || padding.some((byte) => byte !== count)) throw new Error("bad padding");
  return bytes.subarray(0, bytes.length - count);
}

/** The public key of a certificate, as WebCrypto takes it. */
function publicKey(certificate: Bytes): Bytes {
  const signed = inside(only(certificate, TAG.sequence))[0];
  const fields = inside(need(signed, TAG.sequence));
  // [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
  return need(fields[fields[0]?.tag === 0xa0 ? 6 : 5], TAG.sequence).whole;
}

/**
 * Opens the key, and proves that it is the one of the certificate. A wrong password and a wrong pair are answered alike.
 *
 * @throws KeyProblem
 */
export async function openKey(cer: Bytes, key: Bytes, password: string): Promise<Signer> {
  const certificate = certificateOf(cer);
  const protectedKey = scheme(key);
  if (password === "") throw new KeyProblem("clave", "Escriba la contraseña de su llave privada");
  let verifies: CryptoKey;
  try {
    verifies = await crypto.subtle.importKey("spki", publicKey(certificate).slice(), RSA, false, ["verify"]);
  } catch {
    throw new KeyProblem("cer", NO_CERTIFICATE);
  }
  const typed = new TextEncoder().encode(password);
  try {
    const opened = await decipher(protectedKey, typed);
    const signs = await crypto.subtle.importKey("pkcs8", opened, RSA, false, ["sign"]).finally(() => opened.fill(0));
    const sign = async (message: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.sign(RSA, signs, message));
    const proof = crypto.getRandomValues(new Uint8Array(32));
    if (!(await crypto.subtle.verify(RSA, verifies, await sign(proof), proof))) throw new Error("another pair");
    return { certificate, sign };
  } catch {
    throw new KeyProblem("clave", WRONG);
  } finally {
    typed.fill(0);
  }
}
