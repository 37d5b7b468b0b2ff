// The page "Su voz": half a minute is recorded in memory and sent as one file.

import { Microphone, reason } from "./recorder-microphone";

const RATE = 16_000;
const SECONDS = 30;

/** Starts listening. */
export function startVoice(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-voice]");
  if (form) new Voice(form);
}

class Voice {
  private pieces: ArrayBuffer[] = [];
  private microphone: Microphone | undefined;
  private ending = false;

  constructor(private readonly form: HTMLFormElement) {
    this.part("[data-voice-start]").addEventListener("click", () => void this.start());
    this.part("[data-voice-stop]").addEventListener("click", () => void this.end());
  }

  private async start(): Promise<void> {
    this.problem("");
    this.pieces = [];
    this.ending = false;
    const level = this.form.querySelector<HTMLMeterElement>("[data-voice-level]");
    try {
      this.microphone = await Microphone.open("", this.form.dataset["worklet"] ?? "", {
        piece: (content) => this.heard(content),
        level: (peak) => {
          if (level) level.value = peak;
        },
        lost: () => this.fail("Se desconectó el micrófono. Conéctelo y grabe otra vez."),
        muted: () => undefined,
      });
    } catch (error) {
      this.problem(reason(error));
      return;
    }
    this.microphone.start();
    this.show("recording", "Grabando: lea en voz alta");
    this.part("[data-voice-stop]").focus();
  }

  private heard(content: ArrayBuffer): void {
    this.pieces.push(content);
    const left = Math.max(0, SECONDS - this.pieces.length);
    this.part("[data-voice-time]").textContent = `0:${String(left).padStart(2, "0")}`;
    if (left === 0) void this.end();
  }

  private async end(): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    await this.microphone?.stop();
    this.show("idle", "Se revisa la muestra");
    const body = new FormData();
    body.set("_token", this.form.querySelector<HTMLInputElement>("input[name=_token]")?.value ?? "");
    body.set("archivo", wav(this.pieces), "muestra.wav");
    this.pieces = [];
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      if (answer.ok) location.assign(answer.url);
      else if (answer.status === 401) this.fail("Su sesión terminó. Recargue la página, entre y grabe otra vez.");
      else this.fail(`${await answer.text()}.`);
    } catch {
      this.fail("Sin conexión con el servidor: no se guardó nada. Grabe otra vez.");
    }
  }

  private fail(words: string): void {
    if (!this.ending) void this.microphone?.stop();
    this.ending = true;
    this.show("idle", "Listo para grabar 30 segundos");
    this.problem(words);
  }

  private show(state: string, words: string): void {
    this.part(".recorder").dataset["state"] = state;
    this.part("[data-voice-state]").textContent = words;
    const level = this.form.querySelector<HTMLMeterElement>("[data-voice-level]");
    if (level) level.value = 0;
    this.part("[data-voice-start]").hidden = state === "recording";
    this.part("[data-voice-stop]").hidden = state !== "recording";
    if (state === "idle") this.part("[data-voice-time]").textContent = `0:${SECONDS}`;
  }

  private problem(words: string): void {
    const place = this.part("[data-voice-problem]");
    place.textContent = words;
    place.hidden = words === "";
  }

  private part(selector: string): HTMLElement {
    const found = this.form.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(selector);
    return found;
  }
}

/** A WAV file of samples of 16 bits and one channel. */
function wav(pieces: ArrayBuffer[]): Blob {
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const head = new DataView(new ArrayBuffer(44));
  const word = (at: number, text: string): void => [...text].forEach((c, i) => head.setUint8(at + i, c.charCodeAt(0)));
  word(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  word(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  word(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, ...pieces], { type: "audio/wav" });
}
