// The browser driver and the accessibility rules, from the one npm lock file of the repository.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../web-assets/package.json", import.meta.url));

export const { chromium } = require("playwright-core");

/** Reads the square codes the pages show. */
export const { decodeQR } = await import(new URL("../web-assets/node_modules/qr/decode.js", import.meta.url));

/** The text of the axe-core script, to be run inside a page. */
export const axeScript = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
