// The page of a phone that scanned a code: it takes the link, once somebody says so. What stands behind the `#` is the secret of
// the link; it is taken out of the address before anything else.

const SECRET = /^#[0-9a-f]{64}$/;

/** Whether the page offers to take a link; then it does not record yet. */
export function startPhone(): boolean {
  const place = document.querySelector<HTMLElement>("[data-join]");
  if (!place) return false;
  // Another code, scanned into the same tab.
  window.addEventListener("hashchange", () => {
    if (SECRET.test(location.hash)) location.reload();
  });
  if (!SECRET.test(location.hash)) return false;
  const secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  const now = document.querySelector<HTMLElement>("[data-now]");
  if (now) now.hidden = true;
  place.hidden = false;
  const button = place.querySelector<HTMLButtonElement>("button");
  button?.addEventListener("click", () => {
    button.disabled = true;
    join(secret)
      .then((words) => say(place, words))
      .finally(() => (button.disabled = false));
  });
  return true;
}

/** Takes the link and shows the recorder; else why not. */
async function join(secret: string): Promise<string> {
  try {
    const body = new URLSearchParams({ secreto: secret });
    const answer = await fetch("/telefono", { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) return `${(await answer.text()).replace(/\.$/, "")}.`;
    location.reload();
    return "";
  } catch {
    return "Sin conexión con el consultorio. Conecte el teléfono a su red y vuelva a intentar.";
  }
}

function say(place: HTMLElement, words: string): void {
  const problem = place.querySelector<HTMLElement>("[data-join-problem]");
  if (!problem) return;
  problem.textContent = words;
  problem.hidden = words === "";
}
