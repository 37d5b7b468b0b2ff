// The same people as in `load-practice.mjs` at a GNU Health HIS node, by the JSON-RPC that its own client speaks
// (`bench-load.mjs`). It has no pages: what its client reads to show a form is asked for in as many calls as that takes, and
// the time is that of all of them. What it has no counterpart of (the log of who read what, the board) is left out.

import { Agent, request } from "node:http";
import { Person } from "./load.mjs";

const DATABASE = process.env.MEDICUS_PEER_DATABASE ?? "gnuhealth";
const PASSWORD = process.env.MEDICUS_PEER_PASSWORD;
const AUTOSAVE_MS = 4_000;
const LETTERS_MS = 400;
const SURNAMES = ["Ahuehuete", "Encino", "Ceiba", "Roble", "Oyamel", "Mezquite", "Nogal", "Pirul", "Fresno", "Sabino", "Copal", "Zapote"];
const STORY = "Refiere molestias desde hace cuatro días, de inicio gradual, sin fiebre, que mejoran con el reposo. Niega otros síntomas.";
const PATIENT = ["party", "party.rec_name", "lastname", "puid", "gender", "dob", "age", "critical_summary", "general_info", "active"];
const EVALUATION = ["code", "patient", "healthprof", "evaluation_start", "evaluation_endtime", "state", "chief_complaint", "present_illness", "evaluation_summary", "directions", "systolic", "diastolic", "bpm", "respiratory_rate", "temperature", "weight", "diagnosis", "diagnosis.rec_name", "computed_age", "healthprof.rec_name"];
const LISTED = ["code", "evaluation_start", "chief_complaint", "state", "healthprof.rec_name", "diagnosis.rec_name"];
const APPOINTMENT = ["name", "patient.rec_name", "healthprof.rec_name", "appointment_date", "state", "urgency"];
const SIGNS = { systolic: 118, diastolic: 76, bpm: 72, respiratory_rate: 16, temperature: 36.5, weight: 68.4 };

const date = (at) => ({ __class__: "datetime", year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: 0, microsecond: 0 });

class AtWork extends Person {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #context = {};
  #authorization;

  constructor({ role, seed, meter, address, user, shared }) {
    super(role, seed, meter);
    this.address = address;
    this.user = user;
    this.shared = shared;
  }

  /** What a method answers; an error it answers is thrown. */
  call(method, ...params) {
    const body = JSON.stringify({ id: 1, method, params: [...params, ...(method.startsWith("model.") ? [this.#context] : [])] });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    if (this.#authorization) headers.authorization = this.#authorization;
    return new Promise((resolve, reject) => {
      const sent = request(new URL(`/${DATABASE}/`, this.address), { method: "POST", headers, agent: this.#agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const answer = response.statusCode === 200 ? JSON.parse(text) : { error: `${response.statusCode} ${text.slice(0, 200)}` };
          if (answer.error) reject(new Error(`${method}: ${JSON.stringify(answer.error).slice(0, 300)}`));
          else resolve(answer.result);
        });
      });
      sent.on("error", reject).end(body);
    });
  }

  async enter() {
    if (this.#authorization) return;
    await this.meter.time("entrar: la contraseña", async () => {
      const [id, session] = await this.call("common.db.login", this.user, { password: PASSWORD }, "es");
      this.#authorization = `Session ${Buffer.from(`${this.user}:${id}:${session}`).toString("base64")}`;
      this.#context = await this.call("model.res.user.get_preferences", true);
    });
    await this.think();
  }

  /** The agenda of a day, its patients by their names. */
  async agenda(ahead = 0) {
    const from = new Date(Date.now() + ahead * 86_400_000);
    from.setUTCHours(0, 0, 0, 0);
    const until = new Date(from.getTime() + 86_400_000);
    await this.meter.time("agenda de un día", () =>
      this.call("model.gnuhealth.appointment.search_read", [["appointment_date", ">=", date(from)], ["appointment_date", "<", date(until)]], 0, 100, null, APPOINTMENT),
    );
    await this.think();
  }

  async find() {
    const name = this.dice.of(SURNAMES);
    let found = [];
    for (const length of [3, name.length]) {
      found = await this.meter.time("buscar un paciente al escribir", () =>
        this.call("model.gnuhealth.patient.search_read", [["rec_name", "ilike", `%${name.slice(0, length)}%`]], 0, 20, null, ["rec_name", "puid", "age", "gender"]),
      );
      await this.pause(LETTERS_MS);
    }
    return found.map(({ id }) => id);
  }

  /** A record: who it is, and all evaluations by their line. */
  async chart(patient) {
    const evaluations = await this.meter.time("abrir un expediente", async () => {
      await this.call("model.gnuhealth.patient.read", [patient], PATIENT);
      return this.call("model.gnuhealth.patient.evaluation.search_read", [["patient", "=", patient]], 0, 100, [["evaluation_start", "DESC"]], LISTED);
    });
    await this.think();
    return evaluations;
  }

  nextPatient() {
    this.shared.next += 1;
    return this.shared.patients[this.shared.next % this.shared.patients.length];
  }

  begin(patient) {
    return this.meter.time("iniciar una consulta", async () => {
      const [id] = await this.call("model.gnuhealth.patient.evaluation.create", [
        { patient, healthprof: this.#context.healthprof ?? this.shared.professionals.get(this.user), evaluation_start: date(new Date()), state: "in_progress", discharge_reason: "home", chief_complaint: "Molestias" },
      ]);
      await this.call("model.gnuhealth.patient.evaluation.read", [id], EVALUATION);
      return id;
    });
  }

  /** Its client keeps nothing by itself while one types; what is written is kept as often as Medicus keeps it. */
  async type(id, field, text) {
    for (let written = text.length / 3; written < text.length; written += text.length / 3) {
      await this.pause(AUTOSAVE_MS);
      await this.write("guardar lo que se escribe", id, { [field]: text.slice(0, written) });
    }
    await this.write("guardar un renglón de la nota", id, { [field]: text });
  }

  write(kind, id, values) {
    return this.meter.time(kind, async () => {
      await this.call("model.gnuhealth.patient.evaluation.write", [id], values);
      await this.call("model.gnuhealth.patient.evaluation.read", [id], EVALUATION);
    });
  }

  end(id) {
    return this.meter.time("terminar la consulta", async () => {
      await this.call("model.gnuhealth.patient.evaluation.end_evaluation", [id]);
      await this.call("model.gnuhealth.patient.evaluation.read", [id], EVALUATION);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

class Physician extends AtWork {
  async turn() {
    await this.enter();
    await this.agenda();
    await this.find();
    const patient = this.nextPatient();
    const [earlier] = await this.chart(patient);
    if (earlier) {
      await this.meter.time("documento de antes", () => this.call("model.gnuhealth.patient.evaluation.read", [earlier.id], EVALUATION));
      await this.think();
    }
    const id = await this.begin(patient);
    await this.think();
    await this.type(id, "present_illness", STORY);
    await this.think();
    await this.write("guardar signos vitales", id, SIGNS);
    await this.type(id, "evaluation_summary", STORY);
    let codes = [];
    for (const words of ["abdo", "abdomen"]) {
      codes = await this.meter.time("buscar un código al escribir", () =>
        this.call("model.gnuhealth.pathology.search_read", [["rec_name", "ilike", `%${words}%`]], 0, 20, null, ["rec_name", "code"]),
      );
      await this.pause(LETTERS_MS);
    }
    await this.think();
    await this.write("confirmar un código", id, { diagnosis: codes[0].id });
    await this.type(id, "directions", STORY);
    await this.think();
    await this.end(id);
    await this.think();
  }
}

class Nurse extends AtWork {
  async turn() {
    await this.enter();
    await this.agenda();
    await this.find();
    const patient = this.nextPatient();
    await this.chart(patient);
    const id = await this.begin(patient);
    await this.think();
    await this.write("guardar signos vitales", id, SIGNS);
    await this.type(id, "notes", STORY);
    await this.think();
    await this.end(id);
    await this.think();
  }
}

class Receptionist extends AtWork {
  async turn() {
    await this.enter();
    await this.agenda(this.dice.below(5));
    const act = this.dice.below(10);
    if (act < 2) await this.register();
    else if (act < 8) await this.book((await this.find())[0] ?? this.nextPatient());
    else await this.move();
  }

  async register() {
    await this.think([15, 30]);
    const patient = await this.meter.time("paciente nuevo: guardar", async () => {
      this.shared.registered += 1;
      const code = `${this.shared.run}-${this.shared.registered}`;
      const dob = { __class__: "date", year: 1980, month: 2, day: 3 };
      const [party] = await this.call("model.party.party.create", [
        { name: "Nueva", lastname: `Persona ${this.shared.registered}`, is_person: true, is_patient: true, gender: "f", dob, ref: code, federation_account: `MEX${code}`, fed_country: "MEX", code, create_target: false, addresses: [] },
      ]);
      const [id] = await this.call("model.gnuhealth.patient.create", [{ party }]);
      await this.call("model.gnuhealth.patient.read", [id], PATIENT);
      return id;
    });
    await this.think();
    await this.book(patient);
  }

  async book(patient) {
    const at = new Date(Date.now() + this.dice.below(5 * 24 * 3) * 20 * 60_000);
    await this.think();
    const [id] = await this.meter.time("agendar", async () => {
      const made = await this.call("model.gnuhealth.appointment.create", [
        { patient, healthprof: this.dice.of([...this.shared.professionals.values()]), appointment_date: date(at), state: "confirmed" },
      ]);
      await this.call("model.gnuhealth.appointment.read", made, APPOINTMENT);
      return made;
    });
    this.shared.visits.push(id);
    await this.think();
  }

  async move() {
    const visit = this.shared.visits.splice(this.dice.below(this.shared.visits.length), 1)[0];
    if (visit === undefined) return;
    await this.meter.time("una cita", () => this.call("model.gnuhealth.appointment.read", [visit], APPOINTMENT));
    await this.think();
    const at = new Date(Date.now() + this.dice.below(5 * 24 * 3) * 20 * 60_000);
    await this.meter.time("mover una cita", async () => {
      await this.call("model.gnuhealth.appointment.write", [visit], { appointment_date: date(at) });
      await this.call("model.gnuhealth.appointment.read", [visit], APPOINTMENT);
    });
    this.shared.visits.push(visit);
    await this.think();
  }
}

/** As many of each as in Medicus; the four who look after the practice there read records here. */
const STAFF = [
  [Physician, 24, "médico"],
  [Nurse, 10, "enfermería"],
  [Receptionist, 16, "recepción"],
];

/** Everybody, ready to come in: the accounts were made by `evaluation/bench/gnuhealth.py`. */
export async function hire({ address, meter }) {
  const shared = { next: 0, patients: [], visits: [], professionals: new Map(), registered: 0, run: Date.now() };
  const people = [];
  for (const [Kind, count, role] of STAFF) {
    for (let n = 0; n < count; n += 1) {
      people.push(new Kind({ role, seed: 1_000 + people.length, meter, address, user: `persona${people.length}`, shared }));
    }
  }
  const office = new AtWork({ role: "administración", seed: 1, meter, address, user: "persona0", shared });
  office.pause = async () => {};
  await office.enter();
  const every = await office.call("model.gnuhealth.patient.search", [], 0, 10_000, null);
  shared.patients = every.filter((_, place) => place % 25 === 0);
  const staff = await office.call("model.gnuhealth.healthprofessional.search_read", [], 0, 1_000, [["id", "ASC"]], ["id"]);
  for (const [place, { id }] of staff.entries()) shared.professionals.set(`persona${place}`, id);
  office.close();
  return people;
}
