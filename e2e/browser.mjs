// Chromium for the tests: how it is started, and a watch on everything a page says and asks for.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "./packages.mjs";

/** Quiet on a machine without network; the sandbox of Chromium does not run as root. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @param {string[]} [more] flags for what a test needs, a microphone for one */
export function launchBrowser(more = []) {
  const executablePath = process.env.MEDICUS_CHROMIUM ?? CANDIDATES.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium here: run the browser tests with ./dev test");
  return chromium.launch({ executablePath, args: [...FLAGS, ...more] });
}

/**
 * A page of a fresh visitor, Mexican Spanish, and the watch on it.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 * @param {string} [name] the name Medicus has in the network, where a test gives it one
 */
export async function openPage(browser, options = {}, name = "localhost") {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, // The clinic's certificate is its own.
    locale: "es-MX",
    timezoneId: "America/Mexico_City",
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  return { context, page, watch: watchPage(page, name) };
}

/**
 * Notes errors of scripts, of the content policy and of the server, and every request to another host.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
function watchPage(page, name) {
  const complaints = [];
  const allowed = new Set();
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // The browser's own note about a status is judged below, where the status is known.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const here = hostname === "127.0.0.1" || hostname === name;
    if (/^https?:$/.test(protocol) && !here) complaints.push(`asked ${hostname}`);
  });
  page.on("response", (response) => {
    const status = response.status();
    if (status >= 400 && !allowed.has(status)) complaints.push(`${status} from ${new URL(response.url()).pathname}`);
  });
  return {
    /** A status that this test provokes on purpose. */
    allow: (status) => allowed.add(status),
    /** Fails with everything noted so far, and forgets it. */
    assertQuiet: (where) => {
      const noted = complaints.splice(0);
      assert.equal(noted.length, 0, `${where}: ${noted.join("; ")}`);
    },
  };
}
