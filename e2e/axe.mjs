// The accessibility check: no serious violation of WCAG 2.2 A and AA on the page as it is shown now.

import assert from "node:assert/strict";
import { axeScript } from "./packages.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SETTLE_MS = 1_000;
const SERIOUS = ["serious", "critical"];

/**
 * All violations found by axe.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<{id: string, impact: string, help: string, places: string[]}[]>}
 */
export async function violations(page) {
  // A colour half-way through a change is no colour of the page.
  await page.evaluate((longest) => {
    const ended = document.getAnimations().map((animation) => animation.finished.catch(() => undefined));
    return Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, longest))]);
  }, SETTLE_MS);
  await page.evaluate(axeScript); // Through the debugger: the page's content policy stays in force.
  return page.evaluate(async (rules) => {
    const result = await globalThis.axe.run(document, { runOnly: { type: "tag", values: rules } });
    return result.violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact: impact ?? "minor",
      help,
      places: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
    }));
  }, RULES);
}

/** Fails if the page has a serious or critical violation; names each and where it is. */
export async function assertAccessible(page, where) {
  const serious = (await violations(page)).filter(({ impact }) => SERIOUS.includes(impact));
  const lines = serious.map(({ id, help, places }) => `${id}: ${help}\n    ${places.join("\n    ")}`);
  assert.equal(serious.length, 0, `${where}: ${serious.length} serious violations\n  ${lines.join("\n  ")}`);
}
