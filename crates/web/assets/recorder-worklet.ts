// Turns what the microphone hears into pieces of a second: 16 000 samples of 16 bits, one channel. Runs beside the page, so
// that a busy page loses nothing. Nothing leaves it while it is off.

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const RATE = 16_000;
const LEVELS_A_SECOND = 10;
/** Zero crossings of the filter on each side, and entries of its table between two samples. */
const LOBES = 16;
const FINE = 64;

/** From the rate of the device to ours, without what the lower rate cannot hold. */
class Resampler {
  private readonly step = sampleRate / RATE;
  private readonly half = Math.ceil(LOBES * Math.max(1, this.step));
  private readonly table: Float32Array;
  private history: Float32Array;
  private at: number;

  constructor() {
    const pass = 0.95 / Math.max(1, this.step);
    this.table = new Float32Array(this.half * FINE + 2);
    for (let i = 0; i < this.table.length; i += 1) {
      const t = i / FINE;
      const sinc = i === 0 ? 1 : Math.sin(Math.PI * pass * t) / (Math.PI * pass * t);
      const window = t >= this.half ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * t) / this.half);
      this.table[i] = pass * sinc * window;
    }
    this.history = new Float32Array(this.half);
    this.at = this.half;
  }

  push(input: Float32Array, out: (sample: number) => void): void {
    const all = new Float32Array(this.history.length + input.length);
    all.set(this.history);
    all.set(input, this.history.length);
    while (this.at + this.half < all.length) {
      let sum = 0;
      for (let i = Math.ceil(this.at - this.half); i <= this.at + this.half; i += 1) {
        sum += (all[i] ?? 0) * (this.table[Math.round(Math.abs(this.at - i) * FINE)] ?? 0);
      }
      out(sum);
      this.at += this.step;
    }
    const passed = Math.max(0, Math.floor(this.at) - this.half);
    this.history = all.slice(passed);
    this.at -= passed;
  }
}

class Recorder extends AudioWorkletProcessor {
  private readonly resampler = sampleRate === RATE ? null : new Resampler();
  private piece = new Int16Array(RATE);
  private filled = 0;
  private on = false;
  private peak = 0;
  private heard = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<"on" | "off">) => {
      this.on = data === "on";
      if (this.on) return;
      if (this.filled > 0) this.send();
      this.port.postMessage({ kind: "off" });
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const first = channels[0];
    if (!first) return true;
    const mono = channels.length === 1 ? first : first.map((_, i) => channels.reduce((sum, one) => sum + (one[i] ?? 0), 0) / channels.length);
    this.level(mono);
    if (!this.on) return true;
    if (this.resampler) this.resampler.push(mono, (sample) => this.take(sample));
    else mono.forEach((sample) => this.take(sample));
    return true;
  }

  private level(samples: Float32Array): void {
    for (const sample of samples) this.peak = Math.max(this.peak, Math.abs(sample));
    this.heard += samples.length;
    if (this.heard < sampleRate / LEVELS_A_SECOND) return;
    this.port.postMessage({ kind: "level", peak: this.peak });
    this.peak = 0;
    this.heard = 0;
  }

  private take(sample: number): void {
    this.piece[this.filled] = Math.max(-1, Math.min(1, sample)) * 0x7fff;
    this.filled += 1;
    if (this.filled === RATE) this.send();
  }

  private send(): void {
    const samples = this.piece.slice(0, this.filled);
    this.filled = 0;
    this.port.postMessage({ kind: "piece", content: samples.buffer }, [samples.buffer]);
  }
}

registerProcessor("recorder", Recorder);
