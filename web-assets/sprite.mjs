// One SVG file with the icons that the pages name, each a <symbol id="i-NAME">.

const STROKE_WIDTH = "1.75"; // The design language draws 24-unit icons at 18 px with this stroke.

/** The names in a list: one a line, `#` starts a comment, doubles are an error. */
export function iconNames(text) {
  const names = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
  for (const [index, name] of names.entries()) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`icons.txt: "${name}" is no icon name`);
    if (names.indexOf(name) !== index) throw new Error(`icons.txt: "${name}" is listed twice`);
  }
  return names.sort();
}

/**
 * The sprite.
 *
 * @param {string[]} names
 * @param {(name: string) => string | undefined} read the SVG text of one icon
 */
export function sprite(names, read) {
  const symbols = names.map((name) => symbol(name, read(name)));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function symbol(name, svg) {
  if (svg === undefined) throw new Error(`icons.txt: the icon set has no "${name}"`);
  const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
  if (body === undefined) throw new Error(`icon "${name}": no <svg> element`);
  const shapes = body.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
  return (
    `<symbol id="i-${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
    `stroke-width="${STROKE_WIDTH}" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`
  );
}
