// Opening the key of an e.firma as the browser does it, against keys that `openssl` makes, and SAT's where they are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createVerify, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const SHARED = join(here, "../../../shared/data/efirma/fisica/KAHO641101B39");
let folder;
let openKey;

const openssl = (...args) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
const read = (name) => new Uint8Array(readFileSync(join(folder, name)));

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "medicus-efirma-"));
  for (const name of ["a", "b"]) {
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, "-keyout", `${name}.pem`, "-out", `${name}.crt`);
    openssl("x509", "-in", `${name}.crt`, "-outform", "DER", "-out", `${name}.cer`);
  }
  const protect = (out, ...how) =>
    openssl("pkcs8", "-topk8", "-in", "a.pem", ...how, "-passout", "pass:contraseña ñ", "-outform", "DER", "-out", out);
  protect("des3.key", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-iter", "2048");
  protect("aes.key", "-v2", "aes256", "-iter", "10000");
  openssl("pkcs8", "-topk8", "-in", "a.pem", "-v2", "des3", "-passout", "pass:contraseña ñ", "-out", "pem.key");
  openssl("pkcs8", "-topk8", "-nocrypt", "-in", "a.pem", "-outform", "DER", "-out", "open.key");
  const outfile = join(folder, "key.mjs");
  const entry = join(here, "../../crates/web/assets/efirma-key.ts");
  const nodePaths = [join(here, "../node_modules")];
  await esbuild.build({ entryPoints: [entry], bundle: true, format: "esm", outfile, nodePaths, logLevel: "silent" });
  ({ openKey } = await import(pathToFileURL(outfile)));
});
after(() => rmSync(folder, { recursive: true }));

const message = new TextEncoder().encode("lo que se firma");

function verifies(certificate, signature) {
  return createVerify("sha256").update(message).verify(new X509Certificate(certificate).publicKey, signature);
}

for (const name of ["des3.key", "aes.key", "pem.key"]) {
  test(`a key of the kind ${name} is opened and its signature verifies`, async () => {
    const signer = await openKey(read("a.cer"), read(name), "contraseña ñ");
    assert.ok(verifies(signer.certificate, await signer.sign(message)));
    assert.equal((await signer.sign(message)).length, 256);
  });
}

const refused = (cer, key, password, field, words) =>
  assert.rejects(openKey(read(cer), read(key), password), (error) => {
    assert.equal(error.field, field, error.message);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /padding|DER|decrypt/i);
    return true;
  });

test("a wrong password and a wrong pair get the same answer", async () => {
  for (let n = 0; n < 300; n++) await refused("a.cer", "des3.key", `otra ${n}`, "clave", /^Contraseña incorrecta, o la llave/);
  await refused("a.cer", "aes.key", "otra", "clave", /^Contraseña incorrecta, o la llave/);
  await refused("b.cer", "des3.key", "contraseña ñ", "clave", /^Contraseña incorrecta, o la llave/);
  await refused("a.cer", "des3.key", "", "clave", /Escriba la contraseña/);
});

test("files that were mistaken for one another are called by their name", async () => {
  await refused("des3.key", "a.cer", "x", "cer", /es una llave/);
  await refused("a.cer", "a.cer", "x", "key", /es un certificado/);
  await refused("a.cer", "open.key", "x", "key", /no está protegida/);
  await refused("a.pem", "des3.key", "x", "cer", /es una llave/);
});

test("damaged files are refused, whatever is damaged", async () => {
  const [cer, key] = [read("a.cer"), read("des3.key")];
  for (let n = 0; n < 120; n++) {
    const bytes = key.slice();
    bytes[n] ^= 1 << n % 8;
    await openKey(cer, bytes, "contraseña ñ").then(
      async (signer) => assert.ok(verifies(cer, await signer.sign(message))),
      (error) => assert.ok(["key", "clave"].includes(error.field), String(error)),
    );
    await assert.rejects(openKey(cer, key.slice(0, n * 10), "contraseña ñ"));
    await assert.rejects(openKey(cer.slice(0, n * 6), key, "contraseña ñ"));
  }
});

test("a key of SAT is opened", { skip: existsSync(`${SHARED}.key`) ? false : "../shared is not here" }, async () => {
  const [cer, key] = ["cer", "key"].map((kind) => new Uint8Array(readFileSync(`${SHARED}.${kind}`)));
  const signer = await openKey(cer, key, "12345678a");
  assert.ok(verifies(cer, await signer.sign(message)));
});
