// The medicines of a receta on paper, read by the tags of its PDF as a screen reader does: columns and broken lines do not
// confuse it.

import { execFileSync } from "node:child_process";

const LABELS = ["Dosis", "Vía", "Frecuencia", "Duración", "Cantidad a surtir"];

/**
 * @typedef {object} Printed
 * @property {string} name with the brand in brackets, if there is one
 * @property {string} presentation empty where the paper has none
 * @property {Record<string, string>} cells what stands under each label; a dose without its repetition in words
 * @property {string[]} below what is said under them
 */

/** @returns {Printed[]} in the order of the paper */
export function medicinesOn(pdf) {
  const told = execFileSync("pdfinfo", ["-struct-text", "-"], { input: pdf, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
  const medicines = [];
  for (const { tag, lines } of elements(told)) {
    const open = medicines.at(-1);
    if (lines[0]?.startsWith("Fin de la receta")) break;
    if (tag === "H2") medicines.push({ name: lines.join(" "), presentation: "", cells: {}, below: [] });
    else if (!open || /^\d+$/.test(lines.join())) continue;
    else if (LABELS.includes(lines[0])) open.cells[lines[0]] = lines[1];
    else if (Object.keys(open.cells).length === 0) open.presentation = lines.join(" ");
    else open.below.push(lines.join(" "));
  }
  return medicines;
}

/** The elements that hold text, each with its lines: what was broken over two ends in the space it was broken at. */
function elements(told) {
  const found = [];
  let tag = "";
  let fresh = true;
  for (const line of told.split("\n")) {
    const text = /^ *"(.*)"$/.exec(line)?.[1];
    const named = /^ *([A-Z]\w*)/.exec(line)?.[1];
    if (text === undefined) {
      if (named) [tag, fresh] = [named, true];
      continue;
    }
    if (fresh) found.push({ tag, texts: [] });
    fresh = false;
    found.at(-1).texts.push(text);
  }
  const lines = (texts) => texts.join("\n").replaceAll(" \n", " ").split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return found.map(({ tag, texts }) => ({ tag, lines: lines(texts) }));
}
