// A page looked at as people do: desk, laptop in the dark, telephone.

import assert from "node:assert/strict";
import { assertAccessible } from "./axe.mjs";
import { VIEWS, overflowsSideways } from "./shots.mjs";

/** Design, section 7: no page over 150 kB apart from pictures. */
const MAX_PAGE_BYTES = 150_000;

const LOOKS = [
  { name: "escritorio", size: VIEWS[1440], colorScheme: "light" },
  { name: "portátil, oscuro", size: VIEWS[1024], colorScheme: "dark" },
  { name: "teléfono", size: VIEWS[390], colorScheme: "light" },
];

/** Held upright: the navigation stands beside what has little room. */
const TABLET = { width: 820, height: 1180 };

/** Fails where the page shown now is heavy, has a serious violation, scrolls sideways, or something complained of it. */
export async function look(page, watch, where) {
  const html = await page.evaluate(() => new XMLSerializer().serializeToString(document).length);
  assert.ok(html < MAX_PAGE_BYTES, `${where}: ${html} bytes`);
  for (const { name, size, colorScheme } of LOOKS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await assertAccessible(page, `${where}, ${name}`);
    assert.equal(await overflowsSideways(page), false, `${where}, ${name}: scrolls sideways`);
  }
  await page.setViewportSize(TABLET);
  assert.equal(await overflowsSideways(page), false, `${where}, tableta: scrolls sideways`);
  await page.setViewportSize(VIEWS[1440]);
  await page.emulateMedia({ colorScheme: null });
  watch.assertQuiet(where);
}
