// What the pages do beyond plain forms and links. Every page works without this file.

import { startAgenda } from "./agenda";
import { startAutosave } from "./autosave";
import { startDrop } from "./drop";
import { startEvidence } from "./evidence";
import { startGuard } from "./guard";
import { startKeys } from "./keys";
import { startPasskey } from "./passkey";
import { startPlay } from "./play";
import { startSwap } from "./swap";

document.addEventListener("DOMContentLoaded", () => {
  startSwap();
  startAgenda();
  startEvidence();
  startKeys();
  startGuard();
  startAutosave();
  startDrop();
  startPasskey();
  startPlay();
  showWhenTicked();
  focusErrors();
});

/** On a page with errors the summary takes the focus. */
function focusErrors(): void {
  document.getElementById("errores")?.focus();
}

/** Fields that only make sense when a box is ticked, or when it is not. */
function showWhenTicked(): void {
  for (const attribute of ["data-when", "data-unless"]) {
    for (const group of document.querySelectorAll<HTMLElement>(`[${attribute}]`)) {
      const box = document.getElementById(group.getAttribute(attribute) ?? "");
      if (!(box instanceof HTMLInputElement)) continue;
      const update = (): void => {
        group.hidden = box.checked !== (attribute === "data-when");
      };
      box.addEventListener("change", update);
      update();
    }
  }
}
