// Signing with an e.firma in a real browser: the key is opened there, and no request carries it or its password.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./axe.mjs";
import { openPage } from "./browser.mjs";
import { physician, print, signIn } from "./desk.mjs";

export const PASSWORD = "llave de prueba ñ 7431";

const EFIRMA = `basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
extendedKeyUsage=emailProtection,clientAuth`;
const CSD = "basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature,nonRepudiation";
const AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";
const JUANA = `CN=JUANA PÉREZ NÚÑEZ
name=JUANA PÉREZ NÚÑEZ
O=JUANA PÉREZ NÚÑEZ
C=MX
x500UniqueIdentifier=PENJ8001019A0
serialNumber=PENJ800101MDFRXN07`;

/** Authorities, the e.firma of a person and a CSD, in a directory of their own; `trust` holds the authorities alone. */
export function makePki() {
  const directory = mkdtempSync(join(tmpdir(), "medicus-pki-"));
  const openssl = (...args) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  const issue = (name, subject, extensions, issuer, serial) => {
    const dn = "[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\n[dn]";
    writeFileSync(join(directory, "new.cnf"), `${dn}\n${subject}\n[ext]\n${extensions}\n`);
    openssl("genrsa", "-out", `${name}.key.pem`, "2048");
    const key = ["-key", `${name}.key.pem`, "-config", "new.cnf"];
    if (!issuer) openssl("req", "-x509", "-new", ...key, "-extensions", "ext", "-days", "30", "-out", `${name}.pem`);
    else {
      openssl("req", "-new", ...key, "-out", "new.csr");
      const by = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key.pem`, "-set_serial", serial];
      openssl("x509", "-req", "-in", "new.csr", ...by, "-extfile", "new.cnf", "-extensions", "ext", "-days", "30", "-out", `${name}.pem`);
    }
    openssl("x509", "-in", `${name}.pem`, "-outform", "DER", "-out", `${name}.cer`);
    const how = ["-v2", "des3", "-v2prf", "hmacWithSHA1", "-iter", "2048", "-passout", `pass:${PASSWORD}`];
    openssl("pkcs8", "-topk8", "-in", `${name}.key.pem`, ...how, "-outform", "DER", "-out", `${name}.key`);
  };
  issue("root", "CN=RAIZ DE PRUEBA", AUTHORITY);
  issue("ac", "CN=AC DE PRUEBA", AUTHORITY, "root", "2");
  issue("juana", JUANA, EFIRMA, "ac", "3");
  issue("csd", JUANA, CSD, "ac", "4");
  const trust = join(directory, "trust");
  mkdirSync(trust);
  for (const name of ["root", "ac"]) writeFileSync(join(trust, `${name}.cer`), readFileSync(join(directory, `${name}.cer`)));
  return { directory, trust, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Text as requests might carry it. */
const spellings = (bytes) => {
  const raw = Buffer.from(bytes);
  return ["latin1", "hex", "base64", "base64url"].flatMap((how) => {
    const text = raw.toString(how).replace(/=+$/, "");
    return [text, encodeURIComponent(text)];
  });
};

/**
 * @param {unknown} _engine
 * @param {{browser: import("playwright-core").Browser, clinic: import("./clinic.mjs").Clinic, pki: ReturnType<typeof makePki>}} given
 */
export function efirma(_engine, given) {
  let page;
  let watch;
  const sent = [];
  const file = (name) => join(given.pki.directory, name);
  const fill = async (cer, key, password) => {
    await page.getByLabel("Certificado (.cer)").setInputFiles(file(cer));
    await page.getByLabel("Llave privada (.key)").setInputFiles(file(key));
    await page.getByLabel("Contraseña de la llave privada").fill(password);
    await page.getByLabel("Su contraseña de Medicus").fill(physician(given.clinic).password);
    await page.getByRole("button", { name: "Firmar con e.firma" }).click();
  };

  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    page.on("request", (request) => sent.push(request.url(), request.postDataBuffer()?.toString("latin1") ?? ""));
    await signIn(page, given.clinic);
    await page.goto(`${given.clinic.address}/documentos`);
    for (const href of await page.locator("main table a, main .rows a").evaluateAll((links) => links.map((a) => a.href))) {
      if (!/\/documentos\/[0-9a-f-]{36}$/.test(href)) continue;
      await page.goto(href);
      if ((await page.getByRole("link", { name: "Firmar con e.firma" }).count()) > 0) return;
    }
    assert.fail("no document that this physician signed");
  });
  after(() => page?.context().close());

  test("the page lists what the physician signed in the visit", async () => {
    await page.getByRole("link", { name: "Firmar con e.firma" }).click();
    await page.getByRole("group", { name: "Documentos" }).getByRole("checkbox").first().waitFor();
    await assertAccessible(page, "Firmar con e.firma");
    watch.assertQuiet("Firmar con e.firma");
  });

  test("wrong files and a wrong password are told beside their field", async () => {
    watch.allow(422);
    await fill("juana.cer", "juana.key", "otra");
    await page.getByText(/^Contraseña incorrecta, o la llave no corresponde/).waitFor();
    await fill("juana.key", "juana.cer", PASSWORD);
    await page.getByText("Este archivo es una llave (.key), no un certificado").waitFor();
    await fill("csd.cer", "csd.key", PASSWORD);
    await page.getByText(/certificado de sello digital \(CSD\)/).waitFor();
    await assertAccessible(page, "Firmar con e.firma, con errores");
  });

  test("whose certificate it is is asked once, and all documents of the visit are signed with one password", async () => {
    await fill("juana.cer", "juana.key", PASSWORD);
    await page.getByText("El certificado es de JUANA PÉREZ NÚÑEZ, RFC PENJ8001019A0").waitFor();
    await page.getByLabel(/^Sí, soy yo/).check();
    await page.getByRole("button", { name: "Firmar con e.firma" }).click();
    await page.getByText("Desde ahora se imprime y se descarga el archivo con esa firma.").waitFor();
    await page.getByText("Firmado con e.firma").first().waitFor();
    await page.getByText("PAdES B-B").waitFor();
    await assertAccessible(page, "Documento con e.firma");
    assert.equal(await page.getByRole("link", { name: "Firmar con e.firma" }).count(), 0);
  });

  test("that the certificate ends is said inside its card, off the edges", async () => {
    const here = page.url();
    await page.goto(`${given.clinic.address}/cuenta`);
    const card = await page.locator("#efirma").boundingBox();
    const warning = await page.locator("#efirma .notice").boundingBox();
    assert.ok(warning.x - card.x >= 8 && card.x + card.width - warning.x - warning.width >= 8, JSON.stringify({ card, warning }));
    await page.goto(here);
  });

  test("neither key nor password of the e.firma was in any request", () => {
    assert.ok(sent.some((body) => body.includes("certificado=")), "the certificate was sent, so requests were seen");
    const key = readFileSync(file("juana.key"));
    const open = execFileSync("openssl", ["pkcs8", "-topk8", "-nocrypt", "-in", file("juana.key.pem"), "-outform", "DER"]);
    // The middle of the key files: their beginnings are the same for everybody.
    const secrets = [Buffer.from(PASSWORD), key.subarray(300, 360), open.subarray(300, 360), open.subarray(900, 960)];
    for (const secret of secrets) {
      for (const text of spellings(secret)) assert.ok(!sent.some((body) => body.includes(text)), "a secret left the browser");
    }
  });

  test("the code on the paper is read from a picture by the verifier alone, and a second dispense is shown", async () => {
    if ((await page.getByRole("heading", { name: /^Receta médica R-/ }).count()) === 0) {
      await page.getByRole("region", { name: "De la misma consulta" }).getByRole("link", { name: "Receta médica" }).click();
    }
    await page.getByText("Firmado con e.firma").first().waitFor();
    writeFileSync(file("receta.pdf"), Buffer.from(await (await print(page)).body()));
    execFileSync("pdftoppm", ["-r", "300", "-gray", "-png", file("receta.pdf"), file("hoja")]);
    const sheets = readdirSync(given.pki.directory).filter((name) => /^hoja.*\.png$/.test(name)).sort();
    const stranger = await openPage(given.browser);
    try {
      const alone = file("verificador.html");
      writeFileSync(alone, await (await page.request.get(`${given.clinic.address}/verificador.html`)).body());
      await stranger.page.goto(`file://${alone}`);
      await stranger.page.getByLabel("Foto del código").setInputFiles(file(sheets.at(-1)));
      await stranger.page.getByRole("heading", { name: "Receta válida y sin cambios" }).waitFor();
      await stranger.page.getByText("JUANA PÉREZ NÚÑEZ").waitFor();
      await assertAccessible(stranger.page, "Verificador");
      await stranger.page.getByRole("button", { name: "Marcar como surtida" }).click();
      await stranger.page.getByText("Surtida aquí 1 vez").waitFor();
      await stranger.page.getByLabel("Foto del código").setInputFiles(file(sheets.at(-1)));
      await stranger.page.getByRole("heading", { name: "La firma es válida; ya se marcó como surtida aquí" }).waitFor();
      stranger.watch.assertQuiet("Verificador");
    } finally {
      await stranger.context.close();
    }
  });

  test("other programs accept the file that is handed out, and the public page says who signed", async () => {
    const pdf = Buffer.from(await (await print(page, { archivo: "si" })).body());
    const path = file("signed.pdf");
    writeFileSync(path, pdf);
    const said = execFileSync("pdfsig", ["-nocert", path], { encoding: "utf8" });
    assert.match(said, /Signature Validation: Signature is Valid/);
    assert.match(said, /ETSI\.CAdES\.detached/);
    const stranger = await openPage(given.browser);
    try {
      await stranger.page.goto(`${given.clinic.address}/verificar`);
      await stranger.page.getByLabel("Archivo PDF").setInputFiles(path);
      await stranger.page.getByRole("button", { name: "Verificar" }).click();
      await stranger.page.getByRole("heading", { name: "Firmado y sin cambios" }).waitFor();
      await stranger.page.getByText("JUANA PÉREZ NÚÑEZ").waitFor();
      await assertAccessible(stranger.page, "Verificar documento");
      pdf[2000] ^= 1;
      writeFileSync(path, pdf);
      await stranger.page.getByLabel("Archivo PDF").setInputFiles(path);
      await stranger.page.getByRole("button", { name: "Verificar" }).click();
      await stranger.page.getByRole("heading", { name: "El documento cambió después de la firma" }).waitFor();
      stranger.watch.assertQuiet("Verificar documento");
    } finally {
      await stranger.context.close();
    }
  });
}
