// From the sound to the note in a network of its own in which there is only the loopback: nothing tries to leave.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const INSIDE = fileURLToPath(new URL("alone.mjs", import.meta.url));
const apart = (...command) => spawnSync("unshare", ["--map-root-user", "--net", ...command], { encoding: "utf8" });

test("a consultation is recorded, written down and proposed as a note, and nothing tries to leave the machine", (t) => {
  if (apart("ip", "link", "set", "lo", "up").status !== 0) {
    t.skip("here nobody may have a network of their own");
    return;
  }
  const { status, stdout, stderr } = apart("sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, INSIDE);
  assert.equal(status, 0, `${stdout}\n${stderr}`);
});
