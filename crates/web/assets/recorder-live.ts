// Words that appear while people speak: what the server has heard of the recording so far, asked for once a second. They are
// provisional; the whole recording is listened to again when it ends.

interface Heard {
  /** Stretches between pauses, which do not change any more. */
  dicho: string[];
  /** What was said since. */
  sigue: string;
}

const EVERY_MS = 1000;

/** The words of this page, where the server listens; those of a phone that records for it appear by themselves. */
export function liveWords(): LiveWords | undefined {
  const place = document.querySelector<HTMLElement>("[data-live]");
  if (!place) return undefined;
  const live = new LiveWords(place);
  let onPhone = false;
  const look = (): void => {
    const open = document.querySelector<HTMLElement>("[data-live-open]")?.dataset["liveOpen"];
    if (open) live.follow(open);
    else if (onPhone) live.rest();
    onPhone = open !== undefined;
  };
  look();
  // What the page says of the phone comes anew when it changes.
  document.body.addEventListener("htmx:afterSettle", look);
  return live;
}

export class LiveWords {
  private timer = 0;
  private route = "";
  private readonly list: HTMLElement | null;

  constructor(private readonly place: HTMLElement) {
    this.list = place.querySelector("[data-live-words]");
  }

  /** Shows the words of a recording from now on. */
  follow(id: string): void {
    this.route = `/grabaciones/${id}/en-vivo`;
    if (this.timer === 0) this.timer = window.setInterval(() => void this.look(), EVERY_MS);
  }

  /** Nothing more is said; the last words stay. */
  rest(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
  }

  private async look(): Promise<void> {
    const answer = await fetch(this.route, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => undefined);
    // Nobody listens, or there is no network: what was shown stays.
    if (answer?.status !== 200) return;
    const heard = (await answer.json()) as Heard;
    if (!this.list || heard.dicho.length + heard.sigue.length === 0) return;
    this.place.hidden = false;
    const line = (words: string, mark: string): HTMLElement => {
      const paragraph = document.createElement("p");
      paragraph.className = mark;
      paragraph.textContent = words;
      return paragraph;
    };
    this.list.replaceChildren(...heard.dicho.map((words) => line(words, "")), ...(heard.sigue ? [line(heard.sigue, "live-new")] : []));
    this.list.scrollTop = this.list.scrollHeight;
  }
}
