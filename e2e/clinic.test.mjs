// The running clinic in a browser, on each database engine: one clinic an engine, since filling one takes a while.

import { after, before, describe } from "node:test";
import { agenda } from "./agenda.mjs";
import { alerts } from "./alerts.mjs";
import { boards } from "./boards.mjs";
import { launchBrowser } from "./browser.mjs";
import { engines, startClinic } from "./clinic.mjs";
import { coding } from "./coding.mjs";
import { dictated } from "./dictated.mjs";
import { efirma, makePki } from "./efirma.mjs";
import { everyPage } from "./every-page.mjs";
import { keyboard } from "./keyboard.mjs";
import { mainJob } from "./main-job.mjs";
import { phone } from "./phone.mjs";
import { preferences } from "./preferences.mjs";
import { receta } from "./receta.mjs";
import { recording } from "./recording.mjs";
import { secondFactor } from "./second-factor.mjs";
import { sound } from "./sound.mjs";
import { typing } from "./typing.mjs";
import { withoutScripts } from "./without-scripts.mjs";

for (const engine of engines()) {
  describe(`the clinic on ${engine}`, () => {
    const given = {};
    before(async () => {
      given.pki = makePki();
      given.clinic = await startClinic(engine, { trust: given.pki.trust });
      given.browser = await launchBrowser();
    });
    after(async () => {
      await given.browser?.close();
      await given.clinic?.stop();
      given.pki?.remove();
    });

    describe("the main job", () => mainJob(engine, given));
    if (engine !== "sqlite") return;
    // What is shown does not depend on the engine; the contract suite of `storage` holds them to the same answers.
    describe("typing", () => typing(engine, given));
    describe("coding", () => coding(engine, given));
    describe("preferences", () => preferences(engine, given));
    describe("e.firma", () => efirma(engine, given));
    describe("receta", () => receta(engine, given));
    describe("recording", () => recording(engine, given));
    describe("sound", () => sound(engine, given));
    describe("phone", () => phone(engine, given));
    describe("dictated", () => dictated(engine, given));
    describe("boards", () => boards(engine, given));
    describe("every page", () => everyPage(engine, given));
    describe("second factor", () => secondFactor(engine, given));
    describe("keyboard", () => keyboard(engine, given));
    describe("alerts", () => alerts(engine, given));
    describe("without scripts", () => withoutScripts(engine, given));
    // It leaves a consultation without a conversation open, which the others would find first.
    describe("agenda", () => agenda(engine, given));
  });
}
