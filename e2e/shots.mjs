// Pictures of a page as a person sees it: three widths, in the dark, and on paper.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where pictures go unless told otherwise; not committed. */
export const OUTPUT = fileURLToPath(new URL("output/", import.meta.url));

export const VIEWS = {
  1440: { width: 1440, height: 900 },
  1024: { width: 1024, height: 768 },
  390: { width: 390, height: 844 },
};

/** US letter, which Mexico prints on, at 96 pixels an inch. */
const PAPER = { width: 816, height: 1056 };

/**
 * Takes NAME-1440.png, NAME-1024.png, NAME-390.png, NAME-oscuro-1440.png and NAME-impresa.png of the page.
 * The page is left as it was found.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {string} [folder]
 * @returns {Promise<string[]>} the files written
 */
export async function takeShots(page, name, folder = OUTPUT) {
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  const files = [];
  const shoot = async (suffix, size) => {
    await page.setViewportSize(size);
    await page.evaluate(() => document.fonts.ready);
    const path = join(folder, `${name}-${suffix}.png`);
    await page.screenshot({ path, fullPage: true, animations: "disabled" });
    files.push(path);
  };
  for (const [suffix, size] of Object.entries(VIEWS)) await shoot(suffix, size);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("oscuro-1440", VIEWS[1440]);
  await page.emulateMedia({ colorScheme: "light", media: "print" });
  await shoot("impresa", PAPER);
  await page.emulateMedia({ colorScheme: null, media: null });
  if (before) await page.setViewportSize(before);
  return files;
}

/** Whether the page needs sideways scrolling at this width; WCAG 1.4.10 asks that it does not. */
export async function overflowsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
