// Files can be dropped on their field, and one that is too large is told before it is sent.
//
// Without this file the field works as any other and the server says the same.

/** Starts listening. */
export function startDrop(): void {
  for (const zone of document.querySelectorAll<HTMLElement>("[data-drop]")) {
    const input = zone.querySelector<HTMLInputElement>('input[type="file"]');
    if (!input) continue;
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over-drop");
    });
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over-drop"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer || event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    watchSize(zone, input.form);
  }
}

function watchSize(zone: HTMLElement, form: HTMLFormElement | null): void {
  const most = Number(zone.dataset.most);
  const error = zone.querySelector<HTMLElement>("[data-drop-error]");
  if (!form || !error || !(most > 0)) return;
  const tooLarge = (): boolean =>
    [...form.querySelectorAll<HTMLInputElement>('input[type="file"]')].some((input) =>
      [...(input.files ?? [])].some((file) => file.size > most),
    );
  const tell = (): boolean => {
    const large = tooLarge();
    error.hidden = !large;
    error.textContent = large ? `El archivo pesa más de ${Math.floor(most / 1048576)} MB. Elija otro o divídalo` : "";
    return large;
  };
  form.addEventListener("change", tell);
  form.addEventListener("submit", (event) => {
    if (tell()) event.preventDefault();
  });
}
