// Sends what waits, in its order, one thing at a time: the next leaves when the server has the one before on disk. What fails
// for the network is sent again; what the server refuses for good ends the recording.

import type { Item, Waiting } from "./recorder-buffer";

/** What the server says of a recording. */
export interface Told {
  id: string;
  estado: string;
  siguiente: number;
  faltan: number;
  clave: string | null;
  token: string;
}

export interface Listener {
  /** Something keeps what waits from being sent; empty once it goes on. */
  network(words: string): void;
  /** The server does not take this recording any more. */
  refused(words: string): void;
}

type Outcome = { kind: "sent" } | { kind: "later"; words: string } | { kind: "signedOut" } | { kind: "changed" | "refused"; words: string };

const LONGEST_MS = 8000;
const ANSWER_MS = 15_000;

export class Sender {
  private woken: () => void = () => undefined;
  private stopped = false;

  constructor(
    private readonly waiting: Waiting,
    private readonly route: string,
    private token: string,
    private readonly listener: Listener,
  ) {}

  /** There is something to send. */
  wake(): void {
    this.woken();
  }

  async run(): Promise<void> {
    let pause = 1000;
    while (!this.stopped) {
      const next = await this.waiting.first();
      if (!next) {
        await this.sleep(5000);
        continue;
      }
      const outcome = next.item ? await this.send(next.item) : ({ kind: "sent" } as const);
      if (outcome.kind === "sent") {
        await this.waiting.drop(next.order);
        this.listener.network("");
        pause = 1000;
      } else if (outcome.kind === "refused") {
        this.stopped = true;
        this.listener.refused(outcome.words);
      } else if (outcome.kind === "changed") {
        // Signed in again, in another tab: the secret of the session is a new one.
        const before = this.token;
        await this.refresh();
        if (this.token !== before) continue;
        this.stopped = true;
        this.listener.refused(outcome.words);
      } else {
        if (outcome.kind === "signedOut") await this.refresh();
        const left = await this.waiting.count();
        this.listener.network(outcome.kind === "later" ? outcome.words.replace("{n}", String(left)) : "Su sesión terminó. Abra Medicus en otra pestaña y entre: aquí se sigue guardando, cifrado, y se enviará solo.");
        await this.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_MS);
      }
    }
  }

  private async send(item: Item): Promise<Outcome> {
    const headers = { "HX-Request": "true", "X-Medicus-Token": this.token };
    try {
      const answer =
        item.kind === "piece"
          ? await this.post(`piezas/${item.number}?inicio=${item.beginsMs}`, item.content, headers)
          : await this.post("paso", new URLSearchParams({ _token: this.token, paso: item.step, hechas: String(item.made) }), headers);
      if (answer.ok) return { kind: "sent" };
      if (answer.status === 401) return { kind: "signedOut" };
      const words = (await answer.text()).trim();
      if (answer.status >= 500) return { kind: "later", words: `${words}. Lo grabado espera cifrado en este equipo.` };
      return { kind: answer.status === 409 ? "changed" : "refused", words };
    } catch {
      return { kind: "later", words: "Sin conexión con el servidor. Siga: lo grabado se guarda cifrado en este equipo y se enviará solo. Partes que esperan: {n}." };
    }
  }

  private post(path: string, body: BodyInit, headers: Record<string, string>): Promise<Response> {
    return fetch(`${this.route}/${path}`, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
  }

  /** Takes the secret of the present session. */
  private async refresh(): Promise<void> {
    try {
      const told = await status(this.route);
      if (told) this.token = told.token;
    } catch {
      // Without a connection there is nothing to learn; it is asked again.
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, ms);
      this.woken = () => {
        window.clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Where a recording stands; nothing when it may not be asked. */
export async function status(route: string): Promise<Told | undefined> {
  const answer = await ask(route);
  return answer.ok ? ((await answer.json()) as Told) : undefined;
}

/** Why a recording does not go on any more; empty while it does, or while nobody can tell. */
export async function ended(route: string): Promise<string> {
  const answer = await ask(route);
  if (answer.status === 403) return answer.text();
  if (!answer.ok) return "";
  const told = (await answer.json()) as Told;
  return told.estado === "recording" || told.estado === "paused" ? "" : "La grabación se terminó desde otro equipo";
}

function ask(route: string): Promise<Response> {
  return fetch(`${route}/estado`, { headers: { "HX-Request": "true" }, redirect: "manual" });
}
