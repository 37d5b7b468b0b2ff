// Every page of the clinic: accessible at desk and phone width and in the dark, never scrolling sideways, never heavy.

import { after, before, test } from "node:test";
import { openPage } from "./browser.mjs";
import { Desk, go, openWaiting, signIn } from "./desk.mjs";
import { look as lookAt } from "./look.mjs";

export function everyPage(_engine, given) {
  let page;
  let watch;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
  });
  after(() => page?.context().close());

  const look = (where) => lookAt(page, watch, where);

  test("the page to sign in, empty and after a wrong password", async () => {
    await page.goto(given.clinic.address);
    await look("Entrar");
    watch.allow(422);
    watch.allow(401);
    await page.getByLabel("Usuario").fill("nadie");
    await page.getByLabel("Contraseña").fill("incorrecta");
    await page.getByRole("button", { name: "Entrar" }).click();
    await page.getByRole("alert").waitFor();
    await look("Entrar, contraseña equivocada");
  });

  test("Hoy, Pacientes and Documentos", async () => {
    await signIn(page, given.clinic);
    await look("Hoy");
    await go(page, /^Pacientes/);
    await look("Pacientes");
    await page.getByRole("link", { name: "Nuevo paciente" }).click();
    await look("Nuevo paciente");
    await go(page, /^Documentos/);
    await look("Documentos");
    await go(page, /^Consulta/);
    await look("Consultas por escribir");
  });

  test("Buscar, with results while typing, filters, and nothing found", async () => {
    await go(page, /^Buscar/);
    await look("Buscar");
    await page.getByRole("searchbox").pressSequentially("cefale");
    await page.locator("#resultados mark").first().waitFor();
    await page.getByText("Filtros").click();
    await look("Buscar, con resultados y filtros");
    await page.getByRole("searchbox").fill("esternocleidomastoideo izquierdo zurdo");
    await page.getByText("Nada coincide").waitFor();
    await look("Buscar, sin resultados");
    await go(page, /^Pacientes/);
  });

  test("a record, each part of its summary being edited, and a signed document", async () => {
    await go(page, /^Pacientes/);
    await page.getByRole("main").getByRole("link").filter({ hasNotText: /Nuevo paciente|Importar|privado/ }).first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    await look("Expediente");
    for (const part of ["Editar alergias", "Editar problemas activos", "Editar medicamentos activos"]) {
      await page.getByRole("link", { name: part }).click();
      await look(`Expediente, ${part}`);
    }
    await go(page, /^Documentos/);
    await page.getByRole("main").getByRole("link", { name: /Nota de evolución|Historia clínica/ }).first().click();
    await page.getByText("Firmado electrónicamente").waitFor();
    await look("Documento");
  });

  test("choosing another document, writing a letter of consent, and how complete the record is", async () => {
    await go(page, /^Pacientes/);
    await page.getByRole("main").getByRole("link").filter({ hasNotText: /Nuevo paciente|Importar|privado/ }).first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    const record = page.url().split("?")[0];
    await page.getByRole("link", { name: "Otro documento" }).click();
    await look("Elegir documento");
    await page.getByRole("button", { name: /Carta de consentimiento informado/ }).click();
    await page.getByRole("heading", { name: "Carta de consentimiento informado" }).waitFor();
    await look("Carta de consentimiento, vacía");
    const witness = page.locator('[data-section="cci.testigo1"]');
    await witness.getByRole("link", { name: "Agregar persona" }).click();
    await witness.getByLabel("Nombre completo").fill("Testigo Inventado Uno");
    await look("Carta de consentimiento, un testigo");
    await witness.getByRole("button", { name: /Guardar/ }).click();
    await witness.getByText("Testigo Inventado Uno").waitFor();
    const event = page.locator('[data-section="cci.evento"]');
    await event.getByRole("link", { name: "Elegir" }).click();
    await event.getByRole("combobox").selectOption("Procedimientos de cirugía mayor");
    await event.getByRole("button", { name: /Guardar/ }).click();
    await event.getByText("Procedimientos de cirugía mayor").waitFor();
    await page.goto(`${record}/cumplimiento`);
    await look("Cumplimiento del expediente");
    await page.goto(`${given.clinic.address}/cumplimiento`);
    await look("Cumplimiento por profesional");
  });

  test("a record taken out and brought in", async () => {
    await go(page, /^Pacientes/);
    await page.getByRole("link", { name: "Importar expediente" }).click();
    await page.getByRole("heading", { name: "Importar expediente" }).waitFor();
    await look("Importar expediente");
    await page.goto(`${given.clinic.address}/pacientes`);
    await page.getByRole("main").getByRole("link").filter({ hasNotText: /Nuevo paciente|Importar|privado/ }).first().click();
    await page.getByRole("link", { name: "Exportar expediente" }).click();
    await page.getByRole("heading", { name: "Exportar expediente" }).waitFor();
    await look("Exportar expediente");
  });

  test("files, results and trends of a record", async () => {
    await go(page, /^Pacientes/);
    // By name: who stands first depends on what other suites did, and may be younger than the results.
    await page.goto(new URL("/pacientes?q=Jacinta+Ahuehuete", page.url()).href);
    await page.getByRole("main").getByRole("link").filter({ hasText: "Jacinta" }).first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    const record = page.url().split("?")[0];
    await page.goto(`${record}/archivos`);
    await look("Archivos");
    await page.getByLabel("Archivo", { exact: true }).setInputFiles({
      name: "estudio.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("%PDF-1.4\n%%EOF"),
    });
    await page.getByRole("button", { name: "Guardar archivo" }).click();
    await page.getByText("Archivo guardado.").waitFor();
    await look("Un archivo");
    await page.goto(`${record}/resultados/nuevo`);
    await look("Capturar resultados");
    await page.goto(`${record}/resultados/subir`);
    await look("Subir resultados");
    const table = ["fecha,estudio,resultado,unidad,referencia"];
    for (const [day, value] of [["01/02/2025", 99], ["01/08/2025", 126], ["01/02/2026", 61]]) {
      table.push(`${day},Glucosa,${value},mg/dL,70 - 100`);
    }
    await page.getByLabel("Archivo HL7 o CSV").setInputFiles({
      name: "resultados.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(table.join("\n")),
    });
    await page.getByRole("button", { name: "Ver lo que trae" }).click();
    await page.getByRole("heading", { name: "Revise antes de guardar" }).waitFor();
    await look("Revisar resultados");
    await page.getByRole("button", { name: /^Guardar 3 resultados/ }).click();
    await page.getByText("Resultados guardados.").waitFor();
    await look("Resultados");
    await page.getByRole("link", { name: "Glucosa" }).first().click();
    await look("Corregir un resultado");
    await page.goto(`${record}/curso`);
    await page.getByRole("img", { name: "Glucosa, mg/dL" }).waitFor();
    await look("Tendencias");
  });

  test("what was given of a record, how long it is kept, and requests about personal data", async () => {
    await go(page, /^Pacientes/);
    await page.getByRole("main").getByRole("link").filter({ hasNotText: /Nuevo paciente|Importar|privado/ }).first().click();
    await page.getByRole("heading", { name: "Línea de tiempo" }).waitFor();
    const record = page.url().split("?")[0];
    watch.allow(422);
    await page.goto(`${record}/entregas`);
    await page.getByLabel("A quién se entrega").selectOption("El paciente");
    await page.getByRole("button", { name: "Registrar entrega" }).click();
    await page.getByRole("alert").waitFor();
    await look("Entregas, sin la solicitud");
    await page.goto(`${record}/conservacion`);
    await look("Conservación del expediente");
    await page.goto(`${given.clinic.address}/conservacion`);
    await look("Conservación");
    await go(page, /^Derechos/);
    await look("Derechos ARCO");
    await page.getByRole("link", { name: "Nueva solicitud" }).click();
    await look("Nueva solicitud");
    await page.getByLabel("Qué se pide").selectOption("Cancelación");
    await page.getByLabel("Titular de los datos").fill("Persona Inventada");
    await page.getByLabel(/^Con qué se identificó/).fill("Credencial 000");
    await page.getByLabel(/^Domicilio u otro medio/).fill("Calle Inventada 1");
    await page.getByLabel(/^Qué datos y qué pide/).fill("Que se borren");
    await page.getByRole("button", { name: "Registrar solicitud" }).click();
    await page.getByRole("heading", { name: /^Solicitud \d+: Cancelación/ }).waitFor();
    await look("Una solicitud");
    await page.goto(`${given.clinic.address}/derechos/calendario`);
    await look("Días inhábiles");
  });

  test("the agenda: its days, a visit, the free hours, who waits, its hours, calendars and messages", async () => {
    const visit = (path) => page.goto(`${given.clinic.address}${path}`);
    /** Everything of the page that is folded. */
    const unfold = async () => {
      const folded = page.locator("main details:not([open]) > summary");
      while ((await folded.count()) > 0) await folded.first().click();
    };
    await go(page, /^Agenda/);
    await look("Agenda, día");
    const line = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: /^Mover/ }) });
    const movable = await line.first().getByRole("link").first().getAttribute("href");
    await visit("/agenda?vista=semana");
    await look("Agenda, semana");
    await page.getByRole("navigation", { name: "Médico" }).getByRole("link", { name: /^Dra?\. / }).first().click();
    await page.waitForURL(/medico=[0-9a-f]/);
    await look("Agenda, semana de un médico");
    await visit("/agenda?vista=lista");
    await look("Agenda, lista");
    await visit(movable);
    await look("Una cita");
    await visit("/agenda/nueva");
    await look("Nueva cita");
    await page.getByRole("region", { name: "Pacientes recientes" }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "Horas libres" }).waitFor();
    await unfold();
    await look("Nueva cita, horas libres");
    for (const path of ["/agenda/espera", "/agenda/horarios", "/agenda/calendario", "/mensajes", "/mensajes/ajustes"]) {
      await visit(path);
      await unfold();
      await look(path);
    }
  });

  test("the accounts, one of them, a new one, the rules of access and one's own account", async () => {
    await go(page, /^Cuentas/);
    await look("Cuentas");
    await page.getByRole("cell").getByRole("link").last().click();
    await page.getByRole("heading", { name: "Entrada" }).waitFor();
    await page.getByText("Datos profesionales").click();
    await page.getByText("Poner una").click();
    await look("Una cuenta");
    await page.goto(`${given.clinic.address}/cuentas/nueva`);
    await page.getByRole("button", { name: "Crear cuenta" }).click();
    await page.getByRole("alert").waitFor();
    await look("Nueva cuenta, por corregir");
    await page.goto(`${given.clinic.address}/cuentas/acceso`);
    await look("Reglas de acceso");
    await page.goto(`${given.clinic.address}/cuenta`);
    await page.getByText("Agregar aplicación de códigos").click();
    const form = page.locator('form[action="/cuenta/factores"]');
    await form.getByLabel("Nombre").fill("Teléfono");
    await form.getByLabel("Su contraseña").fill(given.clinic.logins[0].password);
    await form.getByRole("button", { name: "Continuar" }).click();
    await page.getByRole("heading", { name: "Termine de configurar la aplicación" }).waitFor();
    await look("Mi cuenta, con una aplicación a medias");
  });

  test("a consultation, its history, a sentence being edited and the page to sign", async () => {
    await go(page, /^Hoy/);
    await openWaiting(page);
    await look("Consulta");
    const desk = new Desk(page);
    await desk.select(desk.proposed.first());
    await desk.proposed.first().getByRole("link", { name: /^Editar/ }).click();
    await desk.note.getByRole("button", { name: /^Guardar/ }).waitFor();
    await look("Consulta, editando");
    await page.getByRole("link", { name: "Historia", exact: true }).click();
    await look("Historia clínica");
    await page.getByRole("link", { name: "Nota", exact: true }).first().click();
    await page.getByRole("link", { name: /^Firmar/ }).first().click();
    await look("Firmar con pendientes");
  });

  test("what a resident wrote, sent to be signed and seen by the physician who supervises", async () => {
    await go(page, /^Hoy/);
    await page.getByRole("region", { name: /^Por firmar con supervisión/ }).getByRole("link").first().click();
    await page.getByText(/se lo envió a firma/).waitFor();
    await look("Consulta de residente, ante quien supervisa");
    const note = page.url().split("?")[0];
    await page.goto(`${note}/nota/firmar`);
    await page.getByText("Devolver a quien lo elaboró").click();
    await look("Firmar con supervisión");
    await signOut(page, given.clinic);
    await signIn(page, given.clinic, given.clinic.logins.find(({ user }) => user === "residente"));
    await look("Hoy, de residente");
    await page.goto(`${note}/nota/firmar`);
    await look("Enviar a firma");
    await signOut(page, given.clinic);
    await signIn(page, given.clinic);
  });

  test("a page that is not there", async () => {
    watch.allow(404);
    await page.goto(`${given.clinic.address}/no-existe`);
    await look("No existe");
    await signOut(page, given.clinic);
  });

  test("the log, as who audits", async () => {
    const auditor = given.clinic.logins.at(-1);
    await signIn(page, given.clinic, auditor);
    await go(page, /^Bitácora/);
    await look("Bitácora");
    await signOut(page, given.clinic);
  });

  test("after signing out no page of the record opens", async () => {
    await page.goto(`${given.clinic.address}/pacientes`);
    await page.getByRole("heading", { name: "Entrar" }).waitFor();
  });
}

async function signOut(page, clinic) {
  await page.goto(clinic.address);
  await page.getByRole("button", { name: "Cerrar sesión" }).first().click();
  await page.getByLabel("Contraseña").waitFor();
}
