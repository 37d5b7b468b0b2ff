// What the stand-alone verifier believes and what not: codes of recetas and signed PDFs, against a world of certificates
// made by `openssl`, and SAT's where they are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, sign as rsaSign } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const SHARED = join(here, "../../../shared/data/efirma");
const EFIRMA = `basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
extendedKeyUsage=emailProtection,clientAuth`;
const CSD = "basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature,nonRepudiation";
const AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";
const JUANA = `CN=JUANA PÉREZ NÚÑEZ
C=MX
x500UniqueIdentifier=PENJ8001019A0
serialNumber=PENJ800101MDFRXN07`;

let folder;
let lib;
let authorities;
const openssl = (...args) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
const read = (name) => new Uint8Array(readFileSync(join(folder, name)));

function issue(name, subject, extensions, issuer, serial) {
  const dn = "[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\n[dn]";
  writeFileSync(join(folder, "new.cnf"), `${dn}\n${subject}\n[ext]\n${extensions}\n`);
  openssl("genrsa", "-out", `${name}.key.pem`, "2048");
  const key = ["-key", `${name}.key.pem`, "-config", "new.cnf"];
  if (!issuer) openssl("req", "-x509", "-new", ...key, "-extensions", "ext", "-days", "30", "-out", `${name}.pem`);
  else {
    openssl("req", "-new", ...key, "-out", "new.csr");
    const by = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key.pem`, "-set_serial", serial];
    openssl("x509", "-req", "-in", "new.csr", ...by, "-extfile", "new.cnf", "-extensions", "ext", "-days", "30", "-out", `${name}.pem`);
  }
  openssl("x509", "-in", `${name}.pem`, "-outform", "DER", "-out", `${name}.cer`);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "medicus-verificador-"));
  issue("root", "CN=RAIZ DE PRUEBA", AUTHORITY);
  issue("ac", "CN=AC DE PRUEBA", AUTHORITY, "root", "2");
  issue("juana", JUANA, EFIRMA, "ac", "3");
  issue("csd", JUANA, CSD, "ac", "4");
  issue("otra", "CN=OTRA RAIZ", AUTHORITY);
  const entry = join(folder, "all.ts");
  const assets = join(here, "../../crates/web/assets");
  writeFileSync(entry, ["certificate", "later", "receta-code", "signed-pdf"].map((name) => `export * from "${assets}/${name}";`).join("\n"));
  const outfile = join(folder, "lib.mjs");
  await esbuild.build({ entryPoints: [entry], bundle: true, format: "esm", outfile, logLevel: "silent" });
  lib = await import(pathToFileURL(outfile));
  authorities = ["root.pem", "ac.cer"].flatMap((name) => lib.certificates(read(name)));
});
after(() => rmSync(folder, { recursive: true }));

const soon = () => new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, "-00:00").replace("-00:00", "+00:00");
const cadenaOf = (changes = {}) => {
  const fields = {
    kind: "RECETA-1",
    document: "0192f3c4-7d1e-7c3a-9b1e-2f4a5b6c7d8e",
    version: "1",
    content: "a7".repeat(32),
    patient: "0192f3c4-1111-7c3a-9b1e-2f4a5b6c7d8e",
    issued: soon(),
    rfc: "PENJ8001019A0",
    curp: "PENJ800101MDFRXN07",
    license: "1234567",
    until: "2099-12-26",
    one: "Amoxicilina 500 mg cápsula, 1 cada 8 h por 7 días",
    two: "Paracetamol 500 mg tableta",
    ...changes,
  };
  return `||${Object.values(fields).join("|")}||`;
};

function base45(bytes) {
  const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  let out = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let value = pair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let n = 0; n < (pair ? 3 : 2); n++, value = Math.floor(value / 45)) out += letters[value % 45];
  }
  return out;
}

function codeOf(cadena, who = "juana", signed = cadena) {
  const key = createPrivateKey(readFileSync(join(folder, `${who}.key.pem`)));
  const length = (bytes) => Buffer.from([bytes.length >> 8, bytes.length & 255]);
  const [text, signature] = [Buffer.from(cadena), rsaSign("sha256", Buffer.from(signed), key)];
  const packed = Buffer.concat([length(text), text, length(signature), signature, read(`${who}.cer`)]);
  return `MEDICUS1:${base45(deflateRawSync(packed))}`;
}

const against = async (code, trusted = authorities) => (await lib.checkReceta(code, trusted)).against;

test("a code says again what was signed and by whom", async () => {
  const { receta, signer, against: reason } = await lib.checkReceta(codeOf(cadenaOf()), authorities);
  assert.equal(reason, undefined);
  assert.equal(signer.name, "JUANA PÉREZ NÚÑEZ");
  assert.deepEqual(receta.lines, ["Amoxicilina 500 mg cápsula, 1 cada 8 h por 7 días", "Paracetamol 500 mg tableta"]);
  assert.deepEqual([receta.license, receta.validUntil], ["1234567", "2099-12-26"]);
  const open = await lib.checkReceta(codeOf(cadenaOf({ until: "sin plazo" })), authorities);
  assert.deepEqual([open.against, open.receta.validUntil], [undefined, undefined]);
});

test("what was altered, forged or signed by somebody else is not believed", async () => {
  assert.match(await against(codeOf(cadenaOf({ one: "Morfina" }), "juana", cadenaOf())), /fue alterado/);
  assert.match(await against(codeOf(cadenaOf({ rfc: "RELM750505AB0" }))), /no es el médico que nombra/);
  assert.match(await against(codeOf(cadenaOf(), "csd")), /sello digital/);
  assert.match(await against(codeOf(cadenaOf(), "ac")), /no es una e\.firma/);
  assert.match(await against(codeOf(cadenaOf({ issued: "2020-01-01T10:00:00-06:00" }))), /empezó a valer/);
  assert.match(await against(codeOf(cadenaOf({ issued: "2039-01-01T10:00:00-06:00" }))), /venció/);
  assert.match(await against(codeOf(cadenaOf()), []), /No hay autoridades/);
  assert.match(await against(codeOf(cadenaOf()), lib.certificates(read("otra.pem"))), /Ninguna autoridad cargada/);
  assert.match(await against(codeOf(cadenaOf()), lib.certificates(read("ac.pem"))), /Ninguna autoridad cargada/);
});

test("what is no code is called that, whatever it is", async () => {
  const code = codeOf(cadenaOf());
  const texts = ["", "hola", "MEDICUS1:", "MEDICUS1:ñ", code.slice(0, 400), code.replace("MEDICUS1", "MEDICUS2"), `MEDICUS1:${base45(deflateRawSync(Buffer.alloc(1 << 20)))}`];
  for (let n = 20; n < 220; n += 7) texts.push(code.slice(0, n) + (code[n] === "A" ? "B" : "A") + code.slice(n + 1));
  for (const text of texts) {
    await lib.checkReceta(text, authorities).then(
      ({ against: reason }) => assert.ok(reason, text),
      (error) => assert.match(error.message, /no es el código de una receta/, text),
    );
  }
});

/** A PDF with a place for a signature, filled by `openssl cms`. */
function signedPdf({ who = "juana", after: added = "" } = {}) {
  const room = 12_000;
  const head = "%PDF-1.7\n1 0 obj\n<</Type/Sig/SubFilter/ETSI.CAdES.detached/M(D:20261126101500-06'00')/ByteRange [0 RANGE]/Contents ";
  const tail = ">>\nendobj\ntrailer<<>>\n%%EOF\n";
  const start = head.length + "0000000000 0000000000 0000000000".length - "RANGE".length;
  const range = [start, start + room + 2, tail.length].map((n) => String(n).padStart(10, "0")).join(" ");
  const before = head.replace("RANGE", range);
  writeFileSync(join(folder, "part"), before + tail);
  openssl("cms", "-sign", "-cades", "-binary", "-nosmimecap", "-md", "sha256", "-in", "part", "-signer", `${who}.pem`, "-inkey", `${who}.key.pem`, "-outform", "DER", "-out", "cms");
  const hex = Buffer.from(read("cms")).toString("hex").padEnd(room, "0");
  return new TextEncoder().encode(`${before}<${hex}>${tail}${added}`);
}

test("a signature over the whole PDF is believed, one changed byte is not", async () => {
  const pdf = signedPdf();
  const now = new Date(Date.now() + 60_000);
  const [found] = await lib.checkPdf(pdf, authorities, now);
  assert.deepEqual([found.against, found.later, found.signer.rfc], [undefined, "nothing", "PENJ8001019A0"]);
  assert.equal(found.claimed, "D:20261126101500-06'00'");
  const changed = pdf.slice();
  changed[6] ^= 1;
  assert.match((await lib.checkPdf(changed, authorities, now))[0].against, /cambió después/);
  assert.match((await lib.checkPdf(signedPdf({ who: "csd" }), authorities, now))[0].against, /sello digital/);
  assert.equal((await lib.checkPdf(signedPdf({ after: "% more\n" }), authorities, now))[0].later, "other");
  assert.deepEqual(await lib.checkPdf(new TextEncoder().encode("%PDF-1.7\n"), authorities, now), []);
  await assert.rejects(lib.checkPdf(new TextEncoder().encode("hola"), authorities, now), /no es un PDF/);
});

/** A file with objects behind its end, and an index of them in clear text. */
function grown(text, objects, { root = 48, info = 46, size = 60, places = {} } = {}) {
  const previous = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)[1];
  let lines = "xref\n";
  for (const [number, body] of objects) {
    lines += `${number} 1\n${String(places[number] ?? text.length).padStart(10, "0")} 00000 n \n`;
    text += `${number} 0 obj\n${body}\nendobj\n`;
  }
  return `${text}${lines}trailer\n<</Size ${size}/Root ${root} 0 R/Info ${info} 0 R/Prev ${previous}>>\nstartxref\n${text.length}\n%%EOF\n`;
}

test("evidence that came later changes nothing, and everything else is told", () => {
  const original = readFileSync(join(here, "../../testdata/pdf/receta.pdf"), "latin1");
  const end = original.length;
  const catalog = /\n48 0 obj\n(<<[^]*?>>)\nendobj/.exec(original)[1];
  const catalogWith = (more) => `${catalog.slice(0, -2)}${more}>>`;
  const blob = (bytes) => `<</Length ${bytes.length}>>\nstream\n${bytes}\nendstream`;
  const store = "<</Type/DSS/Certs[49 0 R]/OCSPs[50 0 R]>>";
  const evidence = [[48, catalogWith("/DSS 51 0 R")], [49, blob("0\x03endobj")], [50, blob("0\0")], [51, store]];
  const once = grown(original, evidence, { size: 52 });
  const more = [[51, "<</Type/DSS/Certs[49 0 R]/OCSPs[50 0 R]/CRLs[52 0 R]>>"], [52, blob("list")]];
  assert.equal(lib.later(original, end), "nothing");
  assert.equal(lib.later(once, end), "evidence");
  assert.equal(lib.later(grown(once, more), end), "evidence");
  assert.equal(lib.later(grown(once, more), once.length), "evidence", "seen from a state that has evidence");
  const naming = (text) => text.replace("/Suspects false", "/Suspect 49 0 R");
  const without = (number) => evidence.filter(([own]) => own !== number);
  const others = {
    "loose bytes": `${once}hola`,
    "a catalog that does more": grown(original, [...without(48), [48, catalogWith("/DSS 51 0 R/OpenAction 49 0 R")]]),
    "a page that is not what it was": grown(original, [...evidence, [5, "<</Type/Page>>"]]),
    "an object nobody lists": grown(original, [...evidence, [53, blob("x")]]),
    "a stream that says more": grown(original, [...without(49), [49, "<</Length 1/Type/XObject>>\nstream\nx\nendstream"]]),
    "a store with something else": grown(original, [...without(51), [51, "<</Type/DSS/Certs[49 0 R]/OCSPs[50 0 R]/VRI<<>>>>"]]),
    "an index that names another place": grown(original, evidence, { places: { 49: 17 } }),
    "another catalog": grown(original, [[49, catalog], ...without(49).slice(1)], { root: 49 }),
    "other information": grown(original, evidence, { info: 49 }),
    "a file that is cut": once.slice(0, -20),
    "an object the signed file had named": grown(naming(original), [[48, naming(catalogWith("/DSS 51 0 R"))], ...without(48)]),
  };
  for (const [what, text] of Object.entries(others)) assert.equal(lib.later(text, end), "other", what);
});

test("a signature over part of a PDF is refused", async () => {
  const text = new TextDecoder().decode(signedPdf());
  const early = new TextEncoder().encode(text.replace("/ByteRange [0 ", "/ByteRange [9 "));
  await assert.rejects(lib.checkPdf(early, authorities, new Date()), /no cubre el documento entero/);
});

test("SAT's persons are read as they are", { skip: existsSync(SHARED) ? false : "../shared is not here" }, async () => {
  const one = (path) => lib.certificates(new Uint8Array(readFileSync(join(SHARED, path))))[0];
  const enye = one("fisica/RAQN7701212M3-enye.cer");
  assert.deepEqual([enye.name, enye.rfc, enye.serial], ["ÑEVES RAMIREZ QUEZADA", "RAQÑ7701212M3", "30001000000400002430"]);
  const at = new Date("2021-06-01T12:00:00Z");
  assert.match(await lib.refusal(one("csd/EKU9003173C9-2023-csd.cer"), [], at), /sello digital/);
  assert.match(await lib.refusal(one("moral/EKU9003173C9-2023.cer"), [], at), /persona moral/);
  assert.equal(createHash("sha256").update(one("fisica/KAHO641101B39.cer").der).digest("hex").slice(0, 16), "542e8a81ffcba521");
});
