// A form with unsaved words asks before the page is left.

/** Starts listening. */
export function startGuard(): void {
  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-guard]") : null;
    form?.setAttribute("data-dirty", "");
  });
  document.addEventListener("submit", (event) => {
    if (event.target instanceof Element) event.target.removeAttribute("data-dirty");
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  });
}
