// Reads the forms and links of a page without a browser, and sends them as a browser without scripts does.

import { Client } from "./client.mjs";

const ENTITIES = { "&#34;": '"', "&#38;": "&", "&#60;": "<", "&#62;": ">", "&#39;": "'", "&amp;": "&" };
const plain = (text) => text.replace(/&#\d\d;|&amp;/gu, (entity) => ENTITIES[entity] ?? entity);

function attribute(tag, name) {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`, "u").exec(tag)?.[1];
  return value === undefined ? undefined : plain(value);
}

/** What the inputs and lists of a piece of HTML would send as they stand. */
function fieldsOf(html) {
  const fields = {};
  for (const [, tag] of html.matchAll(/<input\s([^>]*)>/gu)) {
    const [name, type] = [attribute(tag, "name"), attribute(tag, "type")];
    if (!name || type === "file") continue;
    if ((type === "checkbox" || type === "radio") && !/\schecked/u.test(tag)) continue;
    fields[name] = attribute(tag, "value") ?? "";
  }
  for (const [, tag, inner] of html.matchAll(/<select\s([^>]*)>(.*?)<\/select>/gsu)) {
    const options = [...inner.matchAll(/<option\s?([^>]*)>/gu)].map(([, option]) => option);
    const chosen = options.find((option) => /\bselected/u.test(option)) ?? options[0];
    fields[attribute(tag, "name")] = chosen === undefined ? "" : (attribute(chosen, "value") ?? "");
  }
  return fields;
}

/** The first form of a page that goes to an address with this end; nothing when there is none. */
export function formOf(html, end) {
  for (const [, open, inner] of html.matchAll(/<form\s([^>]*)>(.*?)<\/form>/gsu)) {
    const action = attribute(open, "action");
    if (action?.endsWith(end)) return { action, fields: fieldsOf(inner) };
  }
  return undefined;
}

/** The shared form of a consultation, sent by the first button whose address fits. */
export function buttonOf(html, fits) {
  const found = [...html.matchAll(/formaction="([^"]*)"/gu)].map(([, action]) => plain(action)).find((action) => fits.test(action));
  const shared = /id="revision"(.*?)<\/form>/su.exec(html)?.[1];
  return found && shared ? { action: found, fields: fieldsOf(shared) } : undefined;
}

/** The first link that fits. */
export function linkOf(html, fits) {
  return [...html.matchAll(/href="([^"]*)"/gu)].map(([, href]) => plain(href)).find((href) => fits.test(href));
}

/** Somebody at the pages without scripts. An answer that is no page to go on from is an error that names it. */
export class Visitor {
  /** @param {string} origin */
  constructor(origin) {
    this.client = new Client(origin);
  }

  /** The page at an address, and where it was found in the end. */
  async follow(path) {
    const answer = await this.client.send(path);
    if (answer.status === 303) return this.follow(answer.location);
    if (answer.status !== 200) throw new Answered(`${path}: ${answer.status}`, answer.status);
    return { path, text: answer.text };
  }

  async open(path) {
    return (await this.follow(path)).text;
  }

  /** Sends a form with some fields set, perhaps with a file; the address it leads to, or the page that answers. */
  async submit(form, more = {}, file = undefined) {
    let fields = { ...form.fields, ...more };
    if (file) {
      const whole = new FormData();
      for (const [name, value] of Object.entries(fields)) whole.append(name, value);
      whole.append("archivo", new Blob([file.content]), file.name);
      fields = whole;
    }
    const answer = await this.client.send(form.action, fields);
    if (answer.status === 303) return { leads: answer.location, page: undefined };
    if (answer.status === 200) return { leads: undefined, page: answer.text };
    const said = answer.text.replace(/<[^>]*>/gu, " ").replace(/\s+/gu, " ");
    throw new Answered(`${form.action}: ${answer.status} ${said.slice(0, 400)}`, answer.status);
  }
}

/** The program answered, but not with what was asked for. */
export class Answered extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}
