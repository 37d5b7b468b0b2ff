// A microphone that plays tones into Chromium, and how much of them is missing in what was recorded.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const RATE = 16_000;

/** Tones that change every quarter of a second, so that a repeated or missing second would be heard. */
function tones(seconds) {
  const samples = Buffer.alloc(seconds * RATE * 2);
  for (let i = 0; i < seconds * RATE; i += 1) {
    const tone = 300 + 50 * Math.floor((i * 4) / RATE);
    samples.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * tone * i) / RATE)), i * 2);
  }
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** Flags of a browser whose microphone plays tones; `remove` when it is closed. */
export function fakeMicrophone() {
  const folder = mkdtempSync(join(tmpdir(), "medicus-voice-"));
  const voice = join(folder, "voice.wav");
  writeFileSync(voice, tones(60));
  const flags = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-audio-capture=${voice}`,
  ];
  return { flags, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Quarters of a second of a WAV file without sound: the tones are loud everywhere but where it was paused. */
export function silentQuarters(wav) {
  let silent = 0;
  for (let at = 44; at + RATE / 2 < wav.length; at += RATE / 2) {
    let peak = 0;
    for (let i = at; i < at + RATE / 2; i += 2) peak = Math.max(peak, Math.abs(wav.readInt16LE(i)));
    if (peak < 500) silent += 1;
  }
  return silent;
}
