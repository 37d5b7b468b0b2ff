// A draft reviewed without a pointer: every proposed sentence is accepted, put aside, changed and decided again by single keys,
// and one always sees where one is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage } from "./browser.mjs";
import { Desk, signIn, startVisit } from "./desk.mjs";

const OWN_WORDS = "escrito sin ratón";
const MOST_TABS = 200;
const TALK = `D: ¿Qué le pasa?
P: Me duele mucho la garganta desde hace cuatro días y tengo tos seca.
D: ¿Fiebre?
P: No.
D: ¿Padece diabetes o presión alta?
P: Tengo presión alta, tomo losartán de cincuenta cada doce horas.
D: ¿Fuma?
P: No, nunca.
D: La presión está en ciento cuarenta sobre noventa, la temperatura en treinta y seis punto ocho.
D: La garganta está roja, sin placas. Los pulmones están limpios.
D: Tiene faringitis viral.
D: Va a tomar paracetamol de quinientos, una tableta cada ocho horas por tres días. La veo en una semana.`;

export function keyboard(_engine, given) {
  let page;
  let watch;
  let desk;
  let address;
  before(async () => {
    ({ page, watch } = await openPage(given.browser));
    desk = new Desk(page);
    await signIn(page, given.clinic);
    address = await startVisit(page, given.clinic, TALK);
    await page.goto(`${given.clinic.address}/hoy`);
  });
  after(() => page?.context().close());

  const press = (key) => page.keyboard.press(key);
  /** The sentence that has the focus, with its place in the note and what is drawn around it. */
  const focused = () =>
    page.evaluate(() => {
      const sentence = document.activeElement?.closest("#nota .sentence");
      if (!sentence || sentence !== document.activeElement) return null;
      const shown = getComputedStyle(sentence);
      const box = sentence.getBoundingClientRect();
      return {
        id: sentence.id,
        text: sentence.querySelector(".say").innerText,
        pending: sentence.hasAttribute("data-pending"),
        ring: shown.boxShadow !== "none" || (shown.outlineStyle !== "none" && shown.outlineWidth !== "0px"),
        inView: box.bottom > 0 && box.top < window.innerHeight,
      };
    });
  const state = (id) => page.locator(`#${id} .say > .visually-hidden`).innerText();
  /** Changes the draft and waits until the note that answers it has the focus on a sentence. */
  const changed = async (act) => {
    await page.evaluate(() => (document.getElementById("nota").dataset.before = ""));
    await desk.change(act);
    await page.waitForFunction(() => document.activeElement?.matches("#nota:not([data-before]) .sentence"));
  };
  /** A key that changes the draft; afterwards a sentence has the focus again, to be seen. */
  const decide = async (key) => {
    await changed(() => press(key));
    const now = await focused();
    assert.ok(now.ring, `no visible focus on ${now.id} after ${key}`);
    assert.ok(now.inView, `${now.id} is out of sight after ${key}`);
    return now;
  };

  test("a waiting consultation is opened and its first pending sentence reached by keys", async () => {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      await press("Tab");
      const there = await page.evaluate((to) => document.activeElement?.getAttribute("href") === to, address);
      if (there) break;
    }
    await press("Enter");
    await page.waitForURL(/\/consultas\//);
    await desk.transcript.waitFor();
    await press("d");
    const now = await focused();
    assert.ok(now?.pending && now.ring, JSON.stringify(now));
    // Arrows go on from it, and back.
    await press("ArrowDown");
    assert.notEqual((await focused()).id, now.id);
    await press("ArrowUp");
    assert.equal((await focused()).id, now.id);
  });

  test("one key accepts, one rejects and one edits, and one takes a decision back", async () => {
    const first = await focused();
    await decide("a");
    assert.doesNotMatch(await state(first.id), /Propuesta/);
    assert.equal((await decide("z")).id, first.id, "what was taken back is decided again");
    assert.match(await state(first.id), /Propuesta/);

    await decide("x");
    assert.match(await state(first.id), /Descartada/);
    assert.equal((await decide("z")).id, first.id);
    assert.match(await state(first.id), /Propuesta/);

    await press("e");
    await page.locator("#nota .edit-form").waitFor();
    await press("Escape");
    await page.waitForFunction(() => document.activeElement?.matches("#nota .sentence"));
    assert.equal((await focused()).text, first.text, "Escape leaves the sentence as it was");
    await press("e");
    await page.waitForFunction(() => document.activeElement?.matches("#nota .edit-form textarea, #nota .edit-form input"));
    await press("Control+End");
    await page.keyboard.type(` ${OWN_WORDS}`);
    await changed(() => press("Enter"));
    await desk.note.getByText(OWN_WORDS).waitFor();
    assert.equal((await decide("z")).id, first.id, "what was changed is taken back");
    assert.equal(await desk.note.getByText(OWN_WORDS).count(), 0);
    watch.assertQuiet("una tecla para cada cosa");
  });

  test("every proposed sentence is put aside and taken back, then accepted, without a pointer", async () => {
    const pending = await page.locator("#nota .sentence[data-pending]").evaluateAll((all) => all.map(({ id }) => id));
    assert.ok(pending.length > 5, `${pending.length} sentences`);
    const seen = [];
    for (let left = pending.length; left > 0; left--) {
      let now = await focused();
      if (!now?.pending) {
        await press("d");
        now = await focused();
      }
      assert.ok(now?.pending, "D finds the next one");
      seen.push(now.id);
      await decide("x");
      assert.match(await state(now.id), /Descartada/);
      assert.equal((await decide("z")).id, now.id, `${now.text} is not taken back`);
      await decide("a");
      assert.doesNotMatch(await state(now.id), /Propuesta|Descartada/);
    }
    assert.deepEqual(seen.sort(), pending.sort());
    assert.equal(await page.locator("#nota .sentence[data-pending]").count(), 0);
    watch.assertQuiet("todas por teclado");
  });
}
