// Second factor in a real browser: a passkey made and asked for by a virtual authenticator, and a code of an app.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { openPage } from "./browser.mjs";
import { signIn } from "./desk.mjs";

/** What an authenticator app shows now for a secret in base 32 (RFC 6238). */
function code(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export function secondFactor(_engine, given) {
  let context;
  let page;
  let watch;
  let clinic;
  let nurse;
  before(async () => {
    ({ context, page, watch } = await openPage(given.browser));
    // Passkeys need a name; the certificate of the demonstration is its own in any case.
    clinic = { ...given.clinic, address: given.clinic.address.replace("127.0.0.1", "localhost") };
    nurse = given.clinic.logins.find(({ user }) => user === "enfermeria");
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  });
  after(() => context?.close());

  const password = async () => {
    await page.goto(`${clinic.address}/entrar`);
    await page.getByLabel("Usuario").fill(nurse.user);
    await page.getByLabel("Contraseña").fill(nurse.password);
    await page.getByRole("button", { name: "Entrar" }).click();
  };

  test("a passkey is made, asked for after the password, and taken", async () => {
    await signIn(page, clinic, nurse);
    await page.goto(`${clinic.address}/cuenta`);
    await page.getByText("Agregar llave de acceso").click();
    const form = page.locator('form[action="/cuenta/llaves"]');
    await form.getByLabel("Nombre").fill("Esta computadora");
    await form.getByLabel("Su contraseña").fill(nurse.password);
    await form.getByRole("button", { name: "Continuar" }).click();
    await page.getByRole("button", { name: "Crear llave de acceso" }).click();
    await page.getByRole("heading", { name: "Guarde estos códigos" }).waitFor();
    assert.equal(await page.locator(".codes li").count(), 10);
    await page.getByRole("link", { name: "Ya los guardé" }).click();
    await page.getByText("Esta computadora").first().waitFor();
    await page.getByRole("button", { name: "Cerrar sesión" }).first().click();
    await password();
    await page.getByRole("heading", { name: "Escriba el código" }).waitFor();
    await page.goto(`${clinic.address}/hoy`);
    await page.getByRole("heading", { name: "Entrar" }).waitFor();
    await password();
    await page.getByRole("button", { name: "Usar llave de acceso" }).click();
    await page.getByRole("navigation", { name: "Principal" }).waitFor();
    watch.assertQuiet("llave de acceso");
  });

  test("an app is set up beside it, its code opens, and both are removed", async () => {
    await page.goto(`${clinic.address}/cuenta`);
    await page.getByText("Agregar aplicación de códigos").click();
    const form = page.locator('form[action="/cuenta/factores"]');
    await form.getByLabel("Nombre").fill("Teléfono");
    await form.getByLabel("Su contraseña").fill(nurse.password);
    await form.getByRole("button", { name: "Continuar" }).click();
    const secret = await page.locator(".secret code").innerText();
    await page.getByLabel("Código", { exact: true }).fill(code(secret));
    await page.getByRole("button", { name: "Terminar" }).click();
    await page.getByText("Segundo factor activo").waitFor();
    for (const name of ["Esta computadora", "Teléfono"]) {
      const line = page.locator("li").filter({ hasText: name }).first();
      await line.getByText("Quitar", { exact: true }).click();
      await line.getByLabel("Su contraseña").fill(nurse.password);
      await line.getByRole("button", { name: `Quitar «${name}»` }).click();
      await page.getByText("Segundo factor quitado.").waitFor();
    }
    await page.getByText("Sin configurar").waitFor();
    watch.assertQuiet("aplicación de códigos");
  });
}
