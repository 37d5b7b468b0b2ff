// The microphone: opened, watched and let go. Says in words why it cannot be used.

export interface Heard {
  piece(content: ArrayBuffer): void;
  level(peak: number): void;
  /** It was unplugged or taken away. */
  lost(): void;
  /** The system silenced it, or lets it speak again. */
  muted(is: boolean): void;
}

const RATE = 16_000;

export class Microphone {
  private flushed: () => void = () => undefined;

  private constructor(
    private readonly stream: MediaStream,
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    heard: Heard,
  ) {
    node.port.onmessage = ({ data }: MessageEvent<{ kind: string; content: ArrayBuffer; peak: number }>) => {
      if (data.kind === "piece") heard.piece(data.content);
      else if (data.kind === "level") heard.level(data.peak);
      else this.flushed();
    };
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", () => heard.lost());
      track.addEventListener("mute", () => heard.muted(true));
      track.addEventListener("unmute", () => heard.muted(false));
    }
    // A phone suspends it when the screen goes off or a call comes in.
    context.addEventListener("statechange", () => {
      if (context.state !== "running" && context.state !== "closed") void context.resume().catch(() => undefined);
    });
  }

  static async open(device: string, worklet: string, heard: Heard): Promise<Microphone> {
    if (!navigator.mediaDevices || typeof AudioWorkletNode === "undefined") throw new DOMException("", "NotSupportedError");
    const wanted: MediaTrackConstraints = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
    if (device) wanted.deviceId = { exact: device };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    try {
      const { context, source } = connect(stream);
      await context.audioWorklet.addModule(worklet);
      const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
      source.connect(node);
      await context.resume();
      return new Microphone(stream, context, node, heard);
    } catch (error) {
      letGo(stream);
      throw error;
    }
  }

  start(): void {
    this.node.port.postMessage("on");
  }

  /** Nothing is heard any more; what was heard of the last second comes first. */
  async stop(): Promise<void> {
    const flushed = new Promise<void>((resolve) => {
      this.flushed = resolve;
      window.setTimeout(resolve, 500);
    });
    this.node.port.postMessage("off");
    await flushed;
    letGo(this.stream);
    await this.context.close().catch(() => undefined);
  }

  /** Which device it is, as far as the browser says. */
  device(): string {
    return this.stream.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }
}

/** At our rate where the browser lets us, else at that of the device: the worklet then resamples. */
function connect(stream: MediaStream): { context: AudioContext; source: MediaStreamAudioSourceNode } {
  const context = new AudioContext({ sampleRate: RATE });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    void context.close();
    const own = new AudioContext();
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}

function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Why the microphone cannot be used, and what to do. */
export function reason(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return "El navegador no dio permiso de usar el micrófono. Permítalo junto a la dirección de la página y vuelva a intentar.";
    case "NotFoundError":
      return "No hay ningún micrófono conectado. Conecte uno y vuelva a intentar.";
    case "NotReadableError":
      return "Otro programa usa el micrófono. Ciérrelo y vuelva a intentar.";
    case "OverconstrainedError":
      return "Ese micrófono ya no está. Elija otro y vuelva a intentar.";
    case "NotSupportedError":
      return "Este navegador no puede grabar. Use una versión reciente de Firefox, Chrome, Edge o Safari.";
    default:
      return "No se pudo usar el micrófono. Revise que esté conectado y vuelva a intentar.";
  }
}
