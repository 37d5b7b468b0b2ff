// A file with sound is sent with its progress in sight. Without this file the form sends it all the same.

/** Starts listening. */
export function startUpload(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-upload]");
  if (form) new Upload(form);
}

class Upload {
  private sending: XMLHttpRequest | undefined;

  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener("submit", (event) => {
      const chosen = form.querySelector<HTMLInputElement>('input[type="file"]')?.files?.length ?? 0;
      if (event.defaultPrevented || chosen === 0) return;
      event.preventDefault();
      if (!this.sending) this.send();
    });
    this.part("[data-upload-cancel]").addEventListener("click", () => this.sending?.abort());
    window.addEventListener("beforeunload", (event) => {
      if (this.sending) event.preventDefault();
    });
  }

  private send(): void {
    const request = new XMLHttpRequest();
    this.sending = request;
    const bar = this.form.querySelector<HTMLProgressElement>("progress");
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable || event.total === 0) return;
      bar.value = Math.floor((100 * event.loaded) / event.total);
      this.say(`Se envía: ${bar.value} de 100.`);
    });
    request.upload.addEventListener("load", () => {
      bar?.removeAttribute("value");
      this.say("Llegó completo. Se lee el audio: una hora puede tardar un minuto.");
    });
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () =>
      this.end("Se cortó el envío y no se guardó nada. Su archivo sigue donde estaba; envíelo otra vez."),
    );
    request.addEventListener("abort", () => this.end("Se canceló el envío: no se guardó nada."));
    request.open("POST", this.form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(new FormData(this.form));
    this.end("");
    this.sending = request;
    this.say("Se envía: 0 de 100.");
    this.busy(true);
  }

  private answered(request: XMLHttpRequest): void {
    if (request.status === 401) {
      this.end("Su sesión terminó y no se guardó nada. Recargue la página, entre y envíe el archivo otra vez.");
      return;
    }
    if (request.status !== 200) {
      const plain = request.getResponseHeader("content-type")?.startsWith("text/plain");
      this.end(plain ? `${request.responseText}.` : "No se pudo guardar el audio. Envíelo otra vez.");
      return;
    }
    this.sending = undefined;
    const there = new URL((JSON.parse(request.responseText) as { ir: string }).ir, location.href);
    const same = there.pathname === location.pathname && there.search === location.search;
    location.assign(there);
    if (same) location.reload();
  }

  /** It is over; with words, it failed. */
  private end(problem: string): void {
    this.sending = undefined;
    this.busy(false);
    const place = this.part("[data-upload-problem]");
    place.textContent = problem;
    place.hidden = problem === "";
  }

  private busy(busy: boolean): void {
    this.part("[data-upload-state]").hidden = !busy;
    this.part("[data-upload-cancel]").hidden = !busy;
    for (const button of this.form.querySelectorAll<HTMLButtonElement>('button[type="submit"]')) button.disabled = busy;
  }

  private say(words: string): void {
    this.part("[data-upload-words]").textContent = words;
  }

  private part(selector: string): HTMLElement {
    const found = this.form.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(selector);
    return found;
  }
}
