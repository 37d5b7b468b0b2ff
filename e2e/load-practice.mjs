// What fifty people of a practice do at its pages during a morning (`bench-load.mjs`). Every page is asked for as a browser
// with scripts does: whole pages where it loads them, pieces where it swaps them, each with the redirect it follows.

import { formOf, linkOf, Visitor } from "./forms.mjs";
import { Person } from "./load.mjs";
import { somebody } from "./practice.mjs";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const PROVISIONAL = "la primera de todas 1";
const PASSWORD = "consulta de prueba 7";
/** A script's request: the server answers with a piece of the page. */
const PIECE = { "hx-request": "true" };
/** The page keeps what is being typed after each pause, at the latest after so long. */
const AUTOSAVE_MS = 4_000;
/** Between two letters after which a search looks again. */
const LETTERS_MS = 400;
/** Somebody who looks for an hour that was given away meanwhile takes another. */
const TAKEN = /ya está ocupada|ya no está libre/u;
const MOST_STEPS = 60;
const VISITS_OF_A_DAY = 8;

/** Of the invented patients (`crates/test-support/examples/synthetic/words.rs`). */
const SURNAMES = ["Ahuehuete", "Encino", "Ceiba", "Roble", "Oyamel", "Mezquite", "Nogal", "Pirul", "Fresno", "Sabino", "Copal", "Zapote"];
const REASONS = ["Faringitis aguda", "Rinofaringitis aguda", "Gastritis", "Lumbalgia", "Hipertensión arterial", "Diabetes mellitus tipo 2", "Cefalea tensional", "Bronquitis aguda"];
const MEDICINES = [
  "paracetamol 500 mg, caja con 20, 1 tab vo c/8h 5 d",
  "loratadina 10 mg, caja con 20, 1 tab vo c/24h 5 d",
  "omeprazol 20 mg, caja con 14, 1 cap vo c/24h 14 d",
  "losartán 50 mg, caja con 30, 1 tab vo c/24h 30 d",
  "metformina 850 mg, caja con 30, 1 tab vo c/12h 30 d",
  "naproxeno 250 mg, caja con 30, 1 tab vo c/12h 5 d",
];
const STORY = "Refiere molestias desde hace cuatro días, de inicio gradual, sin fiebre, que mejoran con el reposo. Niega otros síntomas. Ha tomado los medicamentos que se le indicaron la vez pasada y los tolera bien.";
const EXAMINATION = "Consciente, orientado, hidratado, sin datos de dificultad respiratoria; abdomen blando, no doloroso; resto sin alteraciones.";
const PLAN = "Medidas generales, signos de alarma explicados, cita abierta y control en dos semanas.";
const SIGNS = { signo_bp_systolic: "118", signo_bp_diastolic: "76", signo_hr: "72", signo_rr: "16", signo_temp_c: "36.5", signo_weight_kg: "68.4" };
/** What is written where the norm asks for something and nothing more is known of the place. */
const ANYTHING = "Sin alteraciones; se vigila.";

const query = (values) => new URLSearchParams(values).toString();

/** Somebody of the practice, at its pages. */
class AtWork extends Person {
  #entered = false;

  constructor({ role, seed, meter, address, login, practice }) {
    super(role, seed, meter);
    this.login = login;
    this.practice = practice;
    this.visitor = new Visitor(address);
  }

  open(kind, path) {
    return this.meter.time(kind, () => this.visitor.open(path));
  }

  follow(kind, path) {
    return this.meter.time(kind, () => this.visitor.follow(path));
  }

  /** Sends a form and opens what it leads to: the page one waits for. */
  submit(kind, form, more) {
    return this.meter.time(kind, async () => {
      const { leads, page } = await this.visitor.submit(form, more);
      return leads ? this.visitor.follow(leads) : { path: form.action, text: page };
    });
  }

  /** The piece of a page that a script asks for; what it sends when `fields` are given. */
  async piece(kind, path, fields) {
    const answer = await this.meter.time(kind, () => this.visitor.client.send(path, fields, PIECE));
    if (answer.status !== 200) throw new Error(`${path.replace(new RegExp(UUID, "gu"), "…")}: ${answer.status} ${said(answer.text)}`);
    return answer.text;
  }

  async enter() {
    if (this.#entered) return;
    await this.open("entrar: la página", "/entrar");
    await this.meter.time("entrar: la contraseña y Hoy", async () => {
      await this.visitor.client.signIn(this.login);
      await this.visitor.open("/");
    });
    this.#entered = true;
    await this.think();
  }

  /** Looks for a patient while the name is being typed; addresses of the records found. */
  async find() {
    const name = this.dice.of(SURNAMES);
    let found = "";
    for (const length of [3, name.length]) {
      found = await this.piece("buscar un paciente al escribir", `/pacientes?${query({ q: name.slice(0, length) })}`);
      await this.pause(LETTERS_MS);
    }
    return [...new Set(found.match(new RegExp(`/pacientes/${UUID}`, "gu")))];
  }

  /** Writes in a form that keeps what is being typed; the form is sent by whoever called. */
  async type(note, form, field, text) {
    for (let written = text.length / 3; written < text.length; written += text.length / 3) {
      await this.pause(AUTOSAVE_MS);
      const kept = { ...form.fields, [field]: text.slice(0, written) };
      await this.meter.time("guardar lo que se escribe", async () => {
        const answer = await this.visitor.client.send(`${note.actions}/sin-guardar`, kept);
        if (answer.status !== 200) throw new Error(`sin-guardar: ${answer.status} ${said(answer.text)}`);
      });
    }
  }

  close() {
    this.visitor.client.close();
  }
}

/** The words of an answer that was not wanted, from where it says what is to be corrected. */
const said = (page) => {
  const from = Math.max(page.indexOf("error-summary"), page.indexOf("<main"), 0);
  return page.slice(page.indexOf("<", from)).replace(/<svg.*?<\/svg>|<[^>]*>/gsu, " ").replace(/\s+/gu, " ").slice(0, 300);
};

/** A document being written, as its page has it after the pieces that were swapped into it. */
class Note {
  /** @param {AtWork} person @param {{path: string, text: string}} opened */
  constructor(person, { path, text }) {
    this.person = person;
    this.page = path.split(/[?#]/u)[0];
    this.actions = new RegExp(`^/consultas/${UUID}$`, "u").test(this.page) ? `${this.page}/nota` : this.page;
    this.token = /name="_token" value="([^"]+)"/u.exec(text)[1];
    this.#take(text);
  }

  #take(text) {
    this.html = text;
    this.version = /id="version" value="(\d+)"/u.exec(text)?.[1] ?? this.version;
  }

  async look(kind, path) {
    this.#take(await this.person.piece(kind, path));
  }

  async change(kind, path, fields = {}) {
    this.#take(await this.person.piece(kind, path, { _token: this.token, version: this.version, ...fields }));
  }

  /** Opens the form that adds something of a kind to a section. */
  async adding(section, type) {
    await this.look("abrir un renglón de la nota", `${this.page}?${query({ agregar: section, tipo: type })}`);
    const form = formOf(this.html, "/oraciones");
    if (!form) throw new Error(`no form for ${type} of ${section}`);
    return form;
  }

  /** Writes a sentence with its pauses. */
  async write(section, text) {
    const form = await this.adding(section, "oracion");
    await this.person.type(this, form, "texto", text);
    await this.change("guardar un renglón de la nota", form.action, { ...form.fields, texto: text });
  }

  async measure(section, signs) {
    const form = await this.adding(section, "signos");
    await this.person.think();
    await this.change("guardar signos vitales", form.action, { ...form.fields, ...signs });
  }

  async diagnose(section, words) {
    const form = await this.adding(section, "diagnostico");
    await this.person.pause(AUTOSAVE_MS);
    await this.change("guardar un diagnóstico", form.action, { ...form.fields, texto: words });
  }

  /** One medicine in one line: names while it is typed, then the whole form, then it is in the note with its alerts. */
  async prescribe(section, line) {
    for (const length of [4, 7]) {
      await this.person.piece("nombres de medicamentos al escribir", `${this.actions}/renglon/nombres`, {
        _token: this.token,
        seccion: section,
        renglon: line.slice(0, length),
      });
      await this.person.pause(LETTERS_MS);
    }
    await this.person.think();
    await this.change("leer el renglón de una receta", `${this.actions}/renglon`, { seccion: section, renglon: line });
    const form = formOf(this.html, "/oraciones");
    if (!form) throw new Error(`the line was not understood: ${line}`);
    await this.person.pause(AUTOSAVE_MS);
    // Of a name that is easily taken for another the physician says that it is the one written.
    const which = "cual" in form.fields ? { cual: form.fields.medicamento } : {};
    await this.change("guardar un medicamento, con su revisión", form.action, { ...form.fields, ...which });
  }

  /** Confirms the codes that are proposed, after looking for another. */
  async code() {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const form = formOf(this.html, "/codigo");
      if (!form) return;
      const item = form.action.split("/").at(-2);
      for (const length of [4, 7, 10]) {
        await this.person.piece(
          "buscar un código al escribir",
          `${this.page.split("/").slice(0, 3).join("/")}/cie?${query({ oracion: item, documento: this.actions.split("/").at(-1), q: this.reason.slice(0, length) })}`,
        );
        await this.person.pause(LETTERS_MS);
      }
      if (!form.fields.codigo) throw new Error(`no code is proposed for ${this.reason}`);
      await this.person.think();
      await this.change("confirmar un código", form.action, form.fields);
    }
  }

  /** Keeps every medicine an alert is about. */
  async decideAlerts() {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const form = formOf(this.html, "/alertas");
      if (!form) return;
      await this.person.think();
      await this.change("resolver una alerta", form.action, { ...form.fields, motivo: "beneficio_supera_riesgo", texto: "Se vigila." });
    }
  }

  /** Writes what the norm still asks for. */
  async fillGaps() {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const gap = /class="gap"(.*?)<\/div>/su.exec(this.html)?.[1];
      if (!gap) return;
      const link = linkOf(gap, /agregar=[^&]*&tipo=oracion/u) ?? linkOf(gap, /agregar=/u);
      const asked = new URL(link, "https://x").searchParams;
      if (asked.get("tipo") === "oracion") await this.write(asked.get("agregar"), ANYTHING);
      else if (asked.get("tipo") === "signos") await this.measure(asked.get("agregar"), SIGNS);
      else throw new Error(`nobody knows what to write for ${link}`);
    }
  }

  async sign() {
    const { person } = this;
    const page = await person.open("firmar: la página", `${this.actions}/firmar`);
    const form = formOf(page, "/firmar");
    if (!form) throw new Error(`it cannot be signed: ${said(page.slice(page.indexOf("<main")))}`);
    await person.think();
    const { path, text } = await person.submit("firmar: la contraseña y el documento", form, { contrasena: PASSWORD });
    if (!path.startsWith("/documentos/")) throw new Error(`a signature led to ${path}`);
    await person.think();
    return { path: path.split(/[?#]/u)[0], text };
  }
}

class Physician extends AtWork {
  async turn() {
    await this.enter();
    await this.open("Hoy", "/hoy");
    await this.think();
    await this.open("agenda de un día", "/agenda");
    await this.think();
    const found = await this.find();
    // Those of the list are for everybody, so each takes the next: two do not write about one at once.
    const record = this.practice.nextRecord() ?? found[0];
    if (this.dice.below(6) === 0) {
      await this.open("expediente con más consultas", `/pacientes/${this.practice.busiest}`);
      await this.think();
    }
    const chart = await this.open("abrir un expediente", record);
    await this.think();
    if (this.dice.below(3) === 0) {
      await this.open("curso de un paciente", `${record}/curso`);
      await this.think();
    }
    const earlier = linkOf(chart, new RegExp(`^/documentos/${UUID}`, "u"));
    if (earlier) {
      await this.open("documento firmado", earlier);
      await this.think();
    }
    if (this.dice.below(4) === 0) await this.searchRecord(chart);
    await this.consult(chart);
    if (this.dice.below(5) === 0) {
      await this.open("tablero", "/tableros");
      await this.think();
    }
  }

  async searchRecord(chart) {
    const form = formOf(chart, "/buscar");
    if (!form) return;
    for (const words of ["cefa", "cefalea"]) {
      await this.piece("buscar en un expediente al escribir", "/buscar", { ...form.fields, q: words });
      await this.pause(LETTERS_MS);
    }
    await this.think();
  }

  async consult(chart) {
    const begin = formOf(chart, "/consultas");
    // Who came in by the desk, or whom another sees now, is left to them.
    if (!begin) return;
    const note = new Note(this, await this.submit("iniciar una consulta", begin));
    note.reason = this.dice.of(REASONS);
    await this.think();
    await note.write("ev.evolucion", STORY);
    await this.think();
    await note.measure("ev.signos", SIGNS);
    await note.write("ev.exploracion", EXAMINATION);
    await note.diagnose("ev.diagnosticos", note.reason);
    await this.think();
    await note.code();
    await note.prescribe("ev.tratamiento", this.dice.of(MEDICINES));
    await note.write("ev.tratamiento", PLAN);
    await note.decideAlerts();
    await note.fillGaps();
    const { path, text } = await note.sign();
    const print = formOf(text, "/impresiones");
    if (!print) throw new Error(`${path} cannot be printed`);
    const paper = await this.submit("imprimir: el PDF", print);
    if (!paper.text.startsWith("%PDF")) throw new Error("what is printed is no PDF");
    await this.think();
  }
}

class Nurse extends AtWork {
  async turn() {
    await this.enter();
    await this.open("Hoy", "/hoy");
    await this.think();
    await this.find();
    const record = this.practice.nextRecord();
    await this.open("abrir un expediente", record);
    await this.think();
    const chooser = formOf(await this.open("elegir un documento", `${record}/documentos/nuevo`), "/documentos/nuevo");
    await this.think();
    const sheet = new Note(this, await this.submit("iniciar una hoja de enfermería", chooser, { documento: "HEN" }));
    const row = await sheet.adding("hen.grafica", "fila");
    await this.think();
    const cells = Object.keys(row.fields).filter((name) => name.startsWith("celda_"));
    const measured = ["08:00", "118/76", "72", "16", "36.5", "97"];
    await sheet.change("guardar signos vitales", row.action, {
      ...row.fields,
      ...Object.fromEntries(cells.map((name, place) => [name, measured[place] ?? "1"])),
    });
    await sheet.fillGaps();
    await sheet.sign();
    if (this.dice.below(3) === 0) {
      await this.open("tablero", "/tableros");
      await this.think();
    }
  }
}

class Receptionist extends AtWork {
  async turn() {
    await this.enter();
    await this.open("Hoy", "/hoy");
    await this.think();
    await this.open("agenda de un día", `/agenda?${query({ dia: this.day(this.dice.below(5)) })}`);
    await this.think();
    const act = this.dice.below(10);
    if (act < 2) await this.register();
    else if (act < 7) await this.book((await this.find())[0] ?? this.practice.nextRecord());
    else if (act < 9) await this.move();
    else {
      await this.open("agenda de una semana", `/agenda?${query({ dia: this.day(0), vista: "semana" })}`);
      await this.think();
      await this.open("mensajes", "/mensajes");
      await this.think();
    }
  }

  day(ahead) {
    return new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  }

  async register() {
    const form = formOf(await this.open("paciente nuevo: la página", "/pacientes/nuevo"), "/pacientes/nuevo");
    await this.think([15, 30]);
    const number = this.practice.nextNumber();
    const typed = { ...somebody(number), telefono: `55${10_000_000 + number}` };
    const { path, text } = await this.submit("paciente nuevo: guardar", form, typed);
    const record = new RegExp(`/pacientes/${UUID}`, "u").exec(`${path} ${text}`)?.[0];
    if (!record) throw new Error("a new patient led nowhere");
    await this.think();
    await this.book(record);
  }

  async book(record) {
    const patient = record.split("/").at(2);
    const address = `/agenda/nueva?${query({ paciente: patient, dia: this.day(this.dice.below(5)), medico: this.dice.of(this.practice.physicians) })}`;
    const page = await this.open("horas libres", address);
    await this.think();
    const hours = [...page.matchAll(/name="inicio" value="([^"]*)"/gu)].map(([, hour]) => hour);
    if (hours.length === 0) return;
    const form = formOf(page, "/citas");
    const booked = await this.#taken(() => this.submit("agendar", form, { inicio: this.dice.of(hours) }));
    if (booked) this.practice.visits.push(booked.path.split(/[?#]/u)[0]);
    await this.think();
  }

  async move() {
    const visit = this.practice.visits.splice(this.dice.below(this.practice.visits.length), 1)[0];
    if (!visit) return;
    const page = await this.open("una cita", visit);
    await this.think();
    const form = formOf(page, "/mover");
    const hours = [...page.matchAll(/name="inicio" value="([^"]*)"/gu)].map(([, hour]) => hour);
    if (!form || hours.length === 0) return;
    await this.#taken(() => this.submit("mover una cita", form, { inicio: this.dice.of(hours) }));
    this.practice.visits.push(visit);
    await this.think();
  }

  /** The answer, or nothing when somebody else was given that hour meanwhile. */
  async #taken(act) {
    try {
      return await act();
    } catch (error) {
      if (!TAKEN.test(error.message)) throw error;
      this.meter.conflicts += 1;
      return undefined;
    }
  }
}

class Auditor extends AtWork {
  async turn() {
    await this.enter();
    const log = await this.open("bitácora", "/bitacora");
    await this.think();
    await this.open("bitácora, página anterior", `/bitacora?${query({ pagina: String(2 + this.dice.below(20)) })}`);
    await this.think();
    await this.open("bitácora, un acto", `/bitacora?${query({ acto: this.dice.of(["sign", "print", "update", "create"]) })}`);
    await this.think();
    const patient = linkOf(log, new RegExp(`^/bitacora/paciente/${UUID}`, "u"));
    if (patient) await this.open("bitácora de un paciente", patient);
    await this.think();
    await this.open("cumplimiento", "/cumplimiento");
    await this.think();
    await this.open("tablero", "/tableros");
    await this.think();
  }
}

class Administrator extends AtWork {
  async turn() {
    await this.enter();
    for (const [kind, path] of [
      ["cuentas", "/cuentas"],
      ["tablero", "/tableros"],
      ["tablero: vigilancia epidemiológica", "/tableros/epidemiologia"],
      ["tablero: pendientes de atención", "/tableros/pendientes"],
      ["establecimiento", "/establecimiento"],
      ["conservación", "/conservacion"],
      ["bitácora", "/bitacora"],
    ]) {
      await this.open(kind, path);
      await this.think();
    }
  }
}

/** How many of each there are, and the role their account has. */
const STAFF = [
  [Physician, 24, "physician", "médico"],
  [Nurse, 10, "nurse", "enfermería"],
  [Receptionist, 12, "reception", "recepción"],
  [Auditor, 2, "auditor", "auditoría"],
  [Administrator, 2, "administrator", "administración"],
];
const SIGNING = new Set(["physician", "nurse"]);

/** What the people of a practice share. */
class Practice {
  /** Printed names of the physicians who were hired: those of the demonstration have hours of their own. */
  hired = new Set();
  visits = [];
  physicians = [];
  #next = 0;
  #number = 0;

  constructor({ patients, busiest }) {
    this.patients = patients;
    this.busiest = busiest;
  }

  nextRecord() {
    this.#next += 1;
    return `/pacientes/${this.patients[this.#next % this.patients.length]}`;
  }

  nextNumber() {
    this.#number += 1;
    return this.#number;
  }
}

/** Makes the accounts, a room and hours for each physician, and visits of today; everybody, ready to come in. */
export async function hire({ address, admin, meter, written }) {
  const practice = new Practice(written);
  const office = new Visitor(address);
  await office.client.signIn(admin);
  const people = [];
  for (const [Kind, count, code, role] of STAFF) {
    for (let n = 0; n < count; n += 1) {
      const user = `${code}${n}`;
      const name = await addAccount(office, address, user, code, people.length);
      if (code === "physician") practice.hired.add(name);
      people.push(new Kind({ role, seed: 1_000 + people.length, meter, address, login: { user, password: PASSWORD }, practice }));
    }
  }
  await openHours(office, practice);
  for (const [place, physician] of practice.physicians.entries()) await fillDay(office, practice, physician, place);
  office.client.close();
  return people;
}

async function addAccount(office, address, user, code, number) {
  const form = formOf(await office.open("/cuentas/nueva"), "/cuentas/nueva");
  const named = somebody(number + 500_000);
  const professional = {
    titulo: code === "physician" ? "Dra." : "Enf.",
    nombre: named.nombre,
    primer_apellido: named.primer_apellido,
    cedula: String(2_000_000 + number),
    institucion_titulo: "Universidad Inventada",
  };
  await office.submit(form, {
    usuario: user,
    ...(SIGNING.has(code) ? professional : { nombre_pantalla: `${named.nombre} ${named.primer_apellido}` }),
    [code]: "si",
    contrasena: PROVISIONAL,
    contrasena_otra: PROVISIONAL,
  });
  // Who was given a password chooses another the first time.
  const visitor = new Visitor(address);
  const { page } = await visitor.submit({ action: "/entrar", fields: { usuario: user, contrasena: PROVISIONAL, _volver: "/hoy" } });
  await visitor.submit(formOf(page, "/entrar/contrasena"), { contrasena_nueva: PASSWORD, contrasena_otra: PASSWORD });
  visitor.client.close();
  return `${professional.titulo} ${professional.nombre} ${professional.primer_apellido}`;
}

/** Hours on every day of the week, so that the measuring may be on any. */
async function openHours(office, practice) {
  const page = await office.open("/agenda/horarios");
  const list = /<select id="medico"(.*?)<\/select>/su.exec(page)[1];
  const options = [...list.matchAll(/<option value="([^"]+)"[^>]*>([^<]*)/gu)];
  practice.physicians = options.filter(([, , name]) => practice.hired.has(name)).map(([, id]) => id);
  for (const [place, physician] of practice.physicians.entries()) {
    const room = formOf(await office.open("/agenda/horarios"), "/agenda/consultorios");
    await office.submit(room, { id: "", nombre: `Consultorio ${place + 10}`, activo: "si" });
    const hours = await office.open("/agenda/horarios");
    const id = new RegExp(`<option value="(${UUID})"[^>]*>Consultorio ${place + 10}<`, "u").exec(hours)[1];
    const form = formOf(hours, "/agenda/horarios");
    const fields = { ...form.fields, medico: physician, consultorio: id, entrada: "08:00", salida: "20:00", cada: "20" };
    const days = ["1", "2", "3", "4", "5", "6", "7"].map((day) => ["dias", day]);
    const answer = await office.client.send(form.action, [...Object.entries(fields), ...days]);
    if (answer.status !== 303) throw new Error(`/agenda/horarios: ${answer.status} ${said(answer.text)}`);
  }
}

/** Visits of today, or of the next day when it is late, so that the agenda is that of a working day. */
async function fillDay(office, practice, physician, place) {
  for (let n = 0; n < VISITS_OF_A_DAY; n += 1) {
    const patient = practice.nextRecord().split("/").at(2);
    const today = new Date().toISOString().slice(0, 10);
    const page = await office.open(`/agenda/nueva?${query({ paciente: patient, medico: physician, dia: today })}`);
    const hours = [...page.matchAll(/name="inicio" value="([^"]*)"/gu)].map(([, hour]) => hour);
    const { leads } = await office.submit(formOf(page, "/citas"), { inicio: hours[(place + n) % hours.length] });
    practice.visits.push(leads.split(/[?#]/u)[0]);
  }
}
