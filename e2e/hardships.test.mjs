// A practice that is kept waiting, robbed, left without a disk and killed, on each database engine. `./dev kills` does the last part 300 times.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { databaseOn, fillDisk, loseDisk, smallDisk } from "./bad-disk.mjs";
import { createDatabase, engines, serveClinic } from "./clinic.mjs";
import { setUp } from "./practice.mjs";
import { cutPower } from "./power-cut.mjs";
import { beSlow } from "./slow-client.mjs";
import { stealDisk } from "./stolen-disk.mjs";

const DAILY_KILLS = 6;
const kills = Number(process.env.MEDICUS_KILLS ?? DAILY_KILLS);

/** A place of its own for a practice. */
function place(engine) {
  const folder = mkdtempSync(join(tmpdir(), "medicus-hardship-"));
  const database = engine === "postgres" ? createDatabase() : undefined;
  return {
    folder,
    data: join(folder, "datos"),
    url: database?.url,
    remove: () => {
      database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

for (const engine of engines()) {
  describe(`hardships on ${engine}`, () => {
    const [robbed, killed] = [place(engine), place(engine)];
    after(() => [robbed, killed].forEach(({ remove }) => remove()));

    it("a stolen disk tells no clinical word", async (test) => {
      test.diagnostic(JSON.stringify(await stealDisk(robbed.folder, robbed.url)));
    });

    it("who holds a connection and says nothing is let go", async () => {
      const server = await serveClinic(killed.data, killed.url);
      try {
        await Promise.all([beSlow(server.address), setUp(server.address).then(({ client }) => client.close())]);
      } finally {
        await server.stop();
      }
    });

    it("a full disk and one that fails are told plainly, and nothing that was acknowledged is lost", async (test) => {
      const disk = smallDisk();
      if (disk.missing) return test.skip(`a file cannot be mounted as a disk here: ${disk.missing}`);
      const database = engine === "postgres" ? databaseOn(disk) : undefined;
      try {
        const full = await fillDisk(disk, database?.url);
        // What a server of databases does on a failing disk is its own affair; it serves others, too.
        const failing = database ? undefined : await loseDisk(disk);
        test.diagnostic(JSON.stringify({ full, failing }));
      } finally {
        database?.drop();
        disk.remove();
      }
    });

    it(`after ${kills} kills nothing that was acknowledged is lost`, async (test) => {
      test.diagnostic(JSON.stringify(await cutPower(killed.data, killed.url, kills)));
    });
  });
}
