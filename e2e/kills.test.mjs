// A dozen deaths each day on both engines; `./dev kills-recording 200` for more (docs/measurements.md).

import { describe } from "node:test";
import { engines } from "./clinic.mjs";
import { kills } from "./kills.mjs";

const all = Number(process.env.MEDICUS_RECORDING_KILLS ?? 12);

for (const engine of engines()) {
  describe(`killed on ${engine}`, () => kills(engine, Math.ceil(all / engines().length)));
}
