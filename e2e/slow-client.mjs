// Clients that hold a connection and say nothing, or a letter at a time, are let go; others are served meanwhile.

import assert from "node:assert/strict";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import { Visitor } from "./forms.mjs";

const SLOW_CLIENTS = 40;
const PATIENCE_MS = 90_000; // The server gives 20 s; a busy machine is late.

/** Resolves when the server ends the connection; `talk` says something every second. */
function letGo(socket, talk) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("a silent connection is still open")), PATIENCE_MS);
    const every = setInterval(() => talk?.(socket), 1_000);
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.once("close", () => {
      clearTimeout(late);
      clearInterval(every);
      resolve();
    });
  });
}

/** Opens them all; resolves when each was let go. */
export async function beSlow(address) {
  const { hostname: host, port } = new URL(address);
  const tls = () => connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
  const letter = (socket) => socket.writable && socket.write("x");
  const all = Array.from({ length: SLOW_CLIENTS }, (_, at) => {
    // Some never greet, some greet and are silent, some speak a letter at a time.
    if (at % 3 === 0) return letGo(connectPlain({ host, port }));
    if (at % 3 === 1) return letGo(tls());
    const socket = tls();
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    return letGo(socket, letter);
  });
  const other = new Visitor(address);
  assert.equal((await other.client.send("/salud")).status, 200, "somebody else waits for the slow ones");
  other.client.close();
  await Promise.all(all);
}
