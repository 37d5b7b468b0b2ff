// A recorded consultation that is written down by the speech model, on each database engine; without a model it says so.

import { describe } from "node:test";
import { engines } from "./clinic.mjs";
import { listening } from "./listening.mjs";

for (const engine of engines()) {
  const skip = process.env.MEDICUS_SPEECH_MODEL ? false : "MEDICUS_SPEECH_MODEL names no model";
  describe(`listening on ${engine}`, { skip }, () => listening(engine));
}
