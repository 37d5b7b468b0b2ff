// A visitor without a browser, for measuring: keeps the connection and the cookies, sends forms as the pages do.

import { Agent, request } from "node:https";

async function packed(form) {
  if (form === undefined) return {};
  if (!(form instanceof FormData)) {
    return { body: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
  }
  const whole = new Response(form);
  return { body: Buffer.from(await whole.arrayBuffer()), type: whole.headers.get("content-type") };
}

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  #cookies = new Map();
  #origin;

  /** @param {string} origin such as https://127.0.0.1:40123 */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * @param {string} path
   * @param {Record<string, string> | [string, string][] | FormData} [form] sent with POST when given; `FormData` brings a file
   * @param {Record<string, string>} [more] headers
   * @returns {Promise<{status: number, location: string | undefined, text: string, bytes: Buffer, ms: number}>}
   */
  async send(path, form, more = {}) {
    const { body, type } = await packed(form);
    return this.post(path, body, type === undefined ? more : { "content-type": type, ...more });
  }

  /**
   * What a script of a page sends; GET without a body.
   *
   * @param {string} path
   * @param {string | Buffer} [body]
   * @param {Record<string, string>} [more] headers
   */
  post(path, body, more = {}) {
    const headers = { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; "), ...more };
    if (body !== undefined) {
      headers["content-length"] = Buffer.byteLength(body);
      headers.origin = this.#origin;
      headers["sec-fetch-site"] = "same-origin";
    }
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const sent = request(new URL(path, this.#origin), { method, headers, agent: this.#agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          const ms = performance.now() - started;
          this.#keep(response.headers["set-cookie"] ?? []);
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString("utf8");
          resolve({ status: response.statusCode, location: response.headers.location, text, bytes, ms });
        });
      });
      sent.on("error", reject).end(body);
    });
  }

  #keep(lines) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
  }

  /** The page, or an error naming what came instead. */
  async page(path) {
    const answer = await this.send(path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    return answer;
  }

  async signIn({ user, password }) {
    const answer = await this.send("/entrar", { usuario: user, contrasena: password, _volver: "/hoy" });
    if (answer.status !== 303) throw new Error(`/entrar: ${answer.status}`);
  }

  close() {
    this.#agent.destroy();
  }
}
