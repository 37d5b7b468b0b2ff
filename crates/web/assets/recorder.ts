// The recorder of the page "Grabación": start, pause, go on, end, and everything that goes wrong meanwhile, in words.

import { type Step, Waiting } from "./recorder-buffer";
import { liveWords } from "./recorder-live";
import { Microphone, reason } from "./recorder-microphone";
import { startPhone } from "./recorder-phone";
import { Sender, ended, status, type Told } from "./recorder-sender";
import { startUpload } from "./recorder-upload";
import { startVoice } from "./recorder-voice";

type State = "idle" | "recording" | "paused" | "ending" | "halted";

/** Quieter than this is no voice; told after so long. */
const QUIET = 0.004;
const QUIET_MS = 8000;
/** A second that comes so late was not heard while it passed. */
const LATE_MS = 3000;
/** How often a recording that pauses asks whether somebody ended it elsewhere. */
const PAUSED_MS = 4000;

const WORDS: Record<State, string> = {
  idle: "Listo para grabar",
  recording: "Grabando",
  paused: "En pausa: no se guarda nada",
  ending: "Terminando: se envía lo que falta",
  halted: "Detenida",
};

document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector<HTMLElement>("[data-recorder]");
  if (!startPhone() && place) new Recorder(place).begin();
  else liveWords();
  startUpload();
  startVoice();
});

class Recorder {
  private state: State = "idle";
  private id = "";
  private made = 0;
  private began = Date.now();
  private lastPiece = 0;
  private heardAt = 0;
  private microphone: Microphone | undefined;
  private waiting: Waiting | undefined;
  private sender: Sender | undefined;
  private screen: WakeLockSentinel | undefined;
  private adding: Promise<void> = Promise.resolve();
  /** What is said while nothing is wrong with the network: that a recording was left open. */
  private left = "";
  private readonly title = document.title;
  private readonly live = liveWords();

  constructor(private readonly place: HTMLElement) {}

  begin(): void {
    this.place.hidden = false;
    // The server's own button would leave behind what waits here.
    for (const form of document.querySelectorAll<HTMLElement>("form[data-close]")) form.hidden = true;
    const acts: Record<string, () => Promise<void>> = {
      start: () => this.start(),
      pause: () => this.pause(),
      resume: () => this.resume(),
      stop: () => this.stop(),
    };
    for (const [act, run] of Object.entries(acts)) {
      this.button(act).addEventListener("click", () => {
        this.busy(true);
        run().catch((error: unknown) => this.say("problem", reason(error))).finally(() => this.busy(false));
      });
    }
    window.addEventListener("beforeunload", (event) => {
      if (this.state === "recording" || this.state === "ending") event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => void this.holdScreen());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => void this.devices());
    void this.devices();
    window.setInterval(() => void this.watch(), PAUSED_MS);
    const open = this.place.dataset["open"];
    if (open) {
      // Until it is known how far it came, nobody goes on.
      this.busy(true);
      void this.takeUp(open).finally(() => this.busy(false));
    } else this.show("idle");
  }

  /** A recording that was left open: what waits here is sent, and it may go on. */
  private async takeUp(id: string): Promise<void> {
    this.show("paused");
    const told = await status(this.route(id)).catch(() => undefined);
    if (!told?.clave) {
      this.say("problem", "No se pudo saber cómo quedó la grabación. Recargue la página.");
      return;
    }
    if (!(await this.open(told))) return;
    this.made = Math.max(told.siguiente, (await this.waiting?.next()) ?? 0);
    this.began = Date.now() - this.made * 1000;
    this.time();
    this.left = "Hay una grabación sin terminar. Puede seguir o terminarla.";
    this.say("network", this.left);
  }

  private async start(): Promise<void> {
    this.say("problem", "");
    this.microphone = await this.listen();
    const body = new URLSearchParams({ _token: this.place.dataset["token"] ?? "" });
    let told: Told;
    try {
      const answer = await fetch(this.place.dataset["recorder"] ?? "", { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
      if (!answer.ok) {
        await this.release();
        this.say("problem", answer.status === 401 ? "Su sesión terminó. Recargue la página y entre." : await answer.text());
        return;
      }
      told = (await answer.json()) as Told;
    } catch {
      await this.release();
      this.say("problem", "Sin conexión con el servidor. La grabación no empezó; intente de nuevo.");
      return;
    }
    if (!(await this.open(told))) return void (await this.release());
    this.made = told.siguiente;
    this.began = Date.now();
    this.go();
  }

  /** Only one tab records: the others would mix up the order. */
  private async open(told: Told): Promise<boolean> {
    const mine = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`medicus-grabacion-${told.id}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise(() => undefined) : undefined;
      });
    });
    if (!mine) {
      this.show("halted");
      this.say("problem", "Esta grabación está abierta en otra pestaña. Siga allá.");
      return false;
    }
    this.id = told.id;
    this.waiting = await Waiting.open(told.id, told.clave ?? "");
    this.sender = new Sender(this.waiting, this.route(told.id), told.token, {
      network: (words) => this.say("network", words || this.left),
      refused: (words) => void this.halt(words),
    });
    void this.sender.run();
    return true;
  }

  private go(): void {
    this.lastPiece = Date.now();
    this.heardAt = Date.now();
    this.microphone?.start();
    this.show("recording");
    this.live?.follow(this.id);
    this.button("pause").focus();
    void this.holdScreen();
  }

  /** Where a recording is sent to: a phone has one, without a name. */
  private route(id: string): string {
    return this.place.dataset["route"] ?? `/grabaciones/${id}`;
  }

  /** While sound is sent the answers say when it is over; in a pause nothing does. */
  private async watch(): Promise<void> {
    if (this.state !== "paused" || this.id === "") return;
    // What waits says more than the server knows yet.
    if (((await this.waiting?.count()) ?? 0) > 0) return;
    const words = await ended(this.route(this.id)).catch(() => "");
    if (words !== "" && this.state === "paused") await this.halt(words);
  }

  private async pause(): Promise<void> {
    if (this.state !== "recording") return;
    await this.release();
    await this.step("pausa");
    this.show("paused");
    this.button("resume").focus();
  }

  private async resume(): Promise<void> {
    this.say("problem", "");
    this.left = "";
    this.say("network", "");
    this.microphone = await this.listen();
    await this.step("seguir");
    this.go();
  }

  private async stop(): Promise<void> {
    this.left = "";
    await this.release();
    await this.step("terminar");
    this.show("ending");
    while ((this.state as State) === "ending" && ((await this.waiting?.count()) ?? 0) > 0) {
      await new Promise((resolve) => window.setTimeout(resolve, 150));
    }
    if ((this.state as State) !== "ending") return;
    this.show("idle");
    const here = new URL(window.location.href);
    here.search = "";
    here.hash = `g-${this.id}`;
    window.history.replaceState(null, "", here);
    window.location.reload();
  }

  /** The server takes no more: the microphone is let go, and what waits stays enciphered. */
  private async halt(words: string): Promise<void> {
    await this.release();
    this.show("halted");
    this.say("network", "");
    this.say("problem", `${words.replace(/\.$/, "")}. Recargue la página para seguir.`);
  }

  private async listen(): Promise<Microphone> {
    const select = this.place.querySelector<HTMLSelectElement>("#microfono");
    const microphone = await Microphone.open(select?.value ?? "", this.place.dataset["worklet"] ?? "", {
      piece: (content) => this.take(content),
      level: (peak) => this.level(peak),
      lost: () => void this.lost(),
      muted: (is) => this.say("problem", is ? "El sistema silenció el micrófono. Actívelo para que se oiga." : ""),
    });
    await this.devices(microphone.device());
    return microphone;
  }

  private async release(): Promise<void> {
    const microphone = this.microphone;
    this.microphone = undefined;
    this.live?.rest();
    await microphone?.stop();
    await this.adding;
    await this.screen?.release().catch(() => undefined);
    this.level(0);
  }

  private async lost(): Promise<void> {
    if (this.state !== "recording") return;
    await this.pause();
    this.say("problem", "El micrófono se desconectó y la grabación quedó en pausa. Conéctelo o elija otro, y siga.");
    await this.devices();
  }

  private take(content: ArrayBuffer): void {
    const now = Date.now();
    if (now - this.lastPiece > LATE_MS) this.gap(this.lastPiece, now - 1000);
    this.lastPiece = now;
    const beginsMs = Math.max(0, now - this.began - Math.round(content.byteLength / 32));
    const number = this.made;
    this.made += 1;
    this.time();
    this.later(() => this.waiting?.add({ kind: "piece", number, beginsMs, content }));
  }

  private async step(step: Step): Promise<void> {
    const made = this.made;
    this.later(() => this.waiting?.add({ kind: "step", step, made }));
    await this.adding;
  }

  /** One after the other, so that the order of what waits is that of what happened. */
  private later(add: () => Promise<void> | undefined): void {
    this.adding = this.adding.then(add).then(
      () => this.sender?.wake(),
      () => this.say("problem", "El navegador no pudo guardar lo grabado: libere espacio en este equipo. Lo anterior ya está guardado."),
    );
  }

  private gap(from: number, to: number): void {
    const list = this.place.querySelector<HTMLElement>("[data-gaps]");
    if (!list) return;
    const clock = (at: number): string => new Date(at).toLocaleTimeString("es-MX", { hour12: false });
    const line = document.createElement("li");
    line.textContent = `De ${clock(from)} a ${clock(to)} no se grabó: el equipo se durmió o la página quedó detenida.`;
    list.append(line);
    list.hidden = false;
  }

  private level(peak: number): void {
    const meter = this.place.querySelector<HTMLMeterElement>("[data-level]");
    // Of loudness the ear hears the logarithm.
    if (meter) meter.value = peak <= QUIET ? 0 : Math.min(1, 1 + Math.log10(peak) / 2.4);
    if (this.state !== "recording") return;
    const quiet = "No se oye nada. Acerque el micrófono o elija otro.";
    if (peak > QUIET) {
      if (Date.now() - this.heardAt > QUIET_MS) this.say("problem", "");
      this.heardAt = Date.now();
    } else if (Date.now() - this.heardAt > QUIET_MS) this.say("problem", quiet);
  }

  private async devices(chosen?: string): Promise<void> {
    const select = this.place.querySelector<HTMLSelectElement>("#microfono");
    const all = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []);
    if (!select || !all) return;
    const before = chosen ?? select.value;
    const found = all.filter((device) => device.kind === "audioinput" && device.label && device.deviceId !== "default");
    select.replaceChildren(new Option("El del sistema", ""), ...found.map((device) => new Option(device.label, device.deviceId)));
    if (found.some((device) => device.deviceId === before)) select.value = before;
  }

  /** A screen that goes off would stop the page. */
  private async holdScreen(): Promise<void> {
    if (this.state !== "recording" || document.visibilityState !== "visible") return;
    this.screen = await navigator.wakeLock?.request("screen").catch(() => undefined);
  }

  private show(state: State): void {
    this.state = state;
    this.place.dataset["state"] = state;
    this.say("state", WORDS[state]);
    document.title = state === "recording" ? `● Grabando: ${this.title}` : this.title;
    const shown: Record<State, string[]> = { idle: ["start"], recording: ["pause", "stop"], paused: ["resume", "stop"], ending: [], halted: [] };
    for (const act of ["start", "pause", "resume", "stop"]) this.button(act).hidden = !shown[state].includes(act);
    const select = this.place.querySelector<HTMLSelectElement>("#microfono");
    if (select) select.disabled = state === "recording" || state === "ending";
    this.time();
  }

  private time(): void {
    const seconds = this.made;
    this.say("time", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
  }

  private busy(is: boolean): void {
    for (const button of this.place.querySelectorAll<HTMLButtonElement>("button[data-act]")) button.disabled = is;
    if (is) return;
    // A disabled button lost the focus; the next useful one takes it.
    if (document.activeElement === document.body) this.place.querySelector<HTMLButtonElement>("button[data-act]:not([hidden])")?.focus();
  }

  private say(what: "state" | "time" | "problem" | "network", words: string): void {
    const place = this.place.querySelector<HTMLElement>(`[data-${what}]`);
    if (!place || place.textContent === words) return;
    place.textContent = words;
    if (what === "problem" || what === "network") place.hidden = words === "";
  }

  private button(act: string): HTMLButtonElement {
    const button = this.place.querySelector<HTMLButtonElement>(`button[data-act="${act}"]`);
    if (!button) throw new Error(`no button ${act}`);
    return button;
  }
}
