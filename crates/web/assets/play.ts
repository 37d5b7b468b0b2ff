// "Oír": a stretch of the recording is played where one is, and again to stop it. Without this file the link opens it in a player.

let player: HTMLAudioElement | undefined;
let playing: HTMLElement | undefined;
let until = 0;

/** Starts listening. */
export function startPlay(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-play]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link === playing) stop();
    else play(link);
  });
}

function play(link: HTMLAnchorElement): void {
  stop();
  const [from = 0, to = 0] = link.hash.replace("#t=", "").split(",").map(Number);
  const address = new URL(link.href);
  address.hash = "";
  if (player?.src !== address.href) {
    player = new Audio(address.href);
    player.addEventListener("timeupdate", () => {
      if (player && player.currentTime >= until) stop();
    });
    player.addEventListener("ended", stop);
    player.addEventListener("error", gone);
  }
  playing = link;
  link.setAttribute("aria-current", "true");
  until = to;
  player.currentTime = from;
  player.play().catch(() => {
    if (player?.error) gone();
  });
}

function stop(): void {
  player?.pause();
  playing?.removeAttribute("aria-current");
  playing = undefined;
}

/** It cannot be heard: most likely it was destroyed meanwhile. */
function gone(): void {
  const link = playing;
  stop();
  player = undefined;
  if (!link || link.nextElementSibling?.hasAttribute("data-play-gone")) return;
  const said = document.createElement("span");
  said.dataset["playGone"] = "";
  said.setAttribute("role", "alert");
  said.className = "small";
  said.textContent = "Ya no se puede oír: la grabación se destruyó o no hay conexión.";
  link.after(said);
}
