// A disk of a few megabytes that gets full, and one that the system makes read-only after a fault, under a practice that works.
//
// Needs the rights to mount a file as a disk; `smallDisk` says when they are missing.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createDatabase, psql, serveClinic, writeConfig } from "./clinic.mjs";
import { Answered, Visitor, formOf } from "./forms.mjs";
import { Load, command } from "./power-cut.mjs";
import { enter, setUp, somebody } from "./practice.mjs";

const SIZE = "96M";
const MOST_TRIES = 400; // SQLite has some room in files it already has.
const PIECES = [1 << 20, 1 << 12, 1];

const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** A disk of its own, or why there is none. */
export function smallDisk() {
  const folder = mkdtempSync(join(tmpdir(), "medicus-disco-"));
  const [image, path] = [join(folder, "imagen"), join(folder, "disco")];
  const mount = () => run("mount", "-o", "loop,errors=remount-ro", image, path);
  const remove = () => {
    spawnSync("umount", [path]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    mkdirSync(path);
    run("truncate", "-s", SIZE, image);
    run("mkfs.ext4", "-q", "-m", "0", image);
    mount();
    chmodSync(folder, 0o711);
    return { path, remove, ...troubles(path, image, mount) };
  } catch (error) {
    remove();
    return { missing: String(error.stderr ?? error.message).trim() };
  }
}

function troubles(path, image, mount) {
  const filler = join(path, "lleno");
  return {
    /** Takes the last byte. */
    fill() {
      const file = openSync(filler, "a");
      for (const size of PIECES) {
        const piece = Buffer.alloc(size, 1);
        try {
          for (;;) writeSync(file, piece);
        } catch (error) {
          assert.equal(error.code, "ENOSPC");
        }
      }
      closeSync(file);
    },
    free: () => rmSync(filler),
    /** What the kernel does when it finds the disk damaged. */
    fault: () => writeFileSync(`/sys/fs/ext4/${basename(run("findmnt", "-no", "SOURCE", path))}/trigger_fs_error`, "prueba"),
    /** With everybody gone: mended, and in its place again. */
    mend() {
      run("umount", path);
      assert.ok(spawnSync("e2fsck", ["-fy", image]).status < 4);
      mount();
    },
  };
}

/** A database of a server whose tables lie on this disk. */
export function databaseOn(disk) {
  const place = join(disk.path, "tablas");
  mkdirSync(place);
  run("chown", "postgres", place);
  const database = createDatabase();
  const [server, name] = [process.env.MEDICUS_TEST_POSTGRES, new URL(database.url).pathname.slice(1)];
  psql(server, `CREATE TABLESPACE ${name} LOCATION '${place}'`);
  psql(server, `ALTER DATABASE ${name} SET TABLESPACE ${name}`);
  return {
    url: database.url,
    drop: () => {
      database.drop();
      psql(server, `DROP TABLESPACE IF EXISTS ${name}`);
    },
  };
}

/** Somebody at work in a practice on this disk. */
class Practice {
  /** `first` sets the names of its patients apart from those of earlier ones. */
  constructor(disk, database, first) {
    Object.assign(this, { disk, database, data: join(disk.path, "datos"), copies: join(disk.path, "copias"), load: new Load() });
    this.load.number = first;
    this.config = writeConfig(this.data, database);
  }

  async open() {
    this.server = await serveClinic(this.data, this.database);
    this.visitor = new Visitor(this.server.address);
  }

  async close() {
    this.visitor?.client.close();
    await this.server?.stop();
  }

  jobs() {
    return [this.load.write("a"), this.load.bring(), this.load.book()];
  }

  /** A while without trouble. */
  async work(rounds) {
    for (let round = 0; round < rounds; round += 1) for (const job of this.jobs()) await job(this.visitor);
  }

  /** Everybody goes on until they are refused; how often with which status. */
  async beRefused(statuses) {
    const refused = {};
    for (const job of this.jobs()) {
      let said;
      for (let tries = 0; tries < MOST_TRIES && !said; tries += 1) {
        said = await job(this.visitor).then(() => undefined, (error) => error);
      }
      assert.ok(said, "the disk took everything");
      assert.ok(said instanceof Answered && statuses.includes(said.status), said.stack);
      refused[said.status] = (refused[said.status] ?? 0) + 1;
    }
    return refused;
  }

  /** What was typed comes back with the plain page. */
  async keepsWhatIsTyped(form, status, words) {
    const typed = "Avenida Inventada 1234, interior de la palabra larga";
    let answer = { status: 303 };
    for (let tries = 0; answer.status === 303 && tries < MOST_TRIES; tries += 1) {
      answer = await this.visitor.client.send(form.action, { ...form.fields, ...somebody(9_000 + tries), domicilio: typed });
    }
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, words);
    assert.ok(answer.text.includes(typed), "what was typed is gone");
    assert.match(answer.text, /Intentar de nuevo/u);
  }

  /** Nothing that was acknowledged is lost, everything goes on, and a back-up can be made. */
  async isWhole() {
    assert.deepEqual(await this.load.missing(this.server.address, this.load.kept), [], "acknowledged and lost");
    const before = this.load.counts.signatures;
    for (let round = 0; this.load.counts.signatures === before; round += 1) {
      assert.ok(round < MOST_TRIES, "nothing is signed any more");
      await this.work(1);
    }
    assert.match(command(this.config, "audit", "verify"), /íntegr|[Nn]inguna alteración/u);
    command(this.config, "backup", "create", this.copies);
  }
}

/** The disk gets full under people who work, and has room again. The figures. */
export async function fillDisk(disk, database) {
  const practice = new Practice(disk, database, 0);
  await practice.open();
  try {
    (await setUp(practice.server.address)).client.close();
    await enter(practice.visitor);
    await practice.work(5);
    mkdirSync(practice.copies);
    const form = formOf(await practice.visitor.open("/pacientes/nuevo"), "/pacientes/nuevo");
    disk.fill();
    const refused = await practice.beRefused([507, 503]);
    await practice.keepsWhatIsTyped(form, 507, /El disco está lleno.*no hay espacio/su);
    const copy = spawnSync(process.env.MEDICUS_PROGRAM, ["--config", practice.config, "backup", "create", practice.copies], { encoding: "utf8" });
    assert.equal(copy.status, 1, copy.stdout);
    assert.match(copy.stderr, /disco está lleno|No space|pg_dump falló/u);
    disk.free();
    const left = [practice.data, practice.copies].flatMap((folder) => readdirSync(folder));
    assert.deepEqual(left.filter((name) => /\.(?:respaldo|incompleto|age)$/u.test(name)), [], "a piece of a back-up stays");
    await practice.isWhole();
    return { refused, ...practice.load.counts };
  } finally {
    await practice.close();
  }
}

/** The disk refuses everything from one moment on, until somebody mends it. The figures. */
export async function loseDisk(disk) {
  const practice = new Practice(disk, undefined, 5_000);
  await practice.open();
  try {
    await enter(practice.visitor);
    await practice.work(3);
    const form = formOf(await practice.visitor.open("/pacientes/nuevo"), "/pacientes/nuevo");
    disk.fault();
    const refused = await practice.beRefused([503]);
    await practice.keepsWhatIsTyped(form, 503, /El disco no deja guardar.*Avise/su);
    await practice.close();
    disk.mend();
    await practice.open();
    await enter(practice.visitor);
    await practice.isWhole();
    return { refused, ...practice.load.counts };
  } finally {
    await practice.close();
  }
}
