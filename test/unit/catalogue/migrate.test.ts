import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../../server/base/events.ts';
import { migrate, readMigrations } from '../../../server/catalogue/migrate.ts';
import type { Migration } from '../../../server/catalogue/migrate.ts';
import { CATALOGUE_FILE, openCatalogue } from '../../../server/catalogue/open.ts';
import { aBook, aUser } from '../../support/builders.ts';
import { at } from '../../support/clock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-migrate-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const FIRST: Migration = { number: 1, sql: 'create table a (id integer primary key, word text) strict;' };
const SECOND: Migration = {
  number: 2,
  sql: 'update a set word = upper(word); create table b (id integer) strict;',
};
const BROKEN: Migration = { number: 3, sql: 'delete from a; insert into no_such_table values (1);' };

const backups = () => join(dir, 'backups');
const path = () => join(dir, CATALOGUE_FILE);

function use<T>(file: string, fn: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return fn(db);
  } finally {
    db.close();
  }
}
const versionOf = (file: string) => use(file, (db) => db.pragma('user_version', { simple: true }));
const wordsOf = (file: string) => use(file, (db) => db.prepare('select word from a').pluck().all());

/** A file as the first version of the program left it. */
function anOlderFile(): void {
  use(path(), (db) => {
    migrate(db, [FIRST], undefined);
    db.exec("insert into a (word) values ('kept')");
  });
}
const open = () => openCatalogue({ dataDir: dir, clock: at('2026-03-14'), events: createEvents() });

describe('bringing a file to the newest schema', () => {
  it('makes a new file in one go, without a copy', () => {
    use(path(), (db) => migrate(db, [FIRST, SECOND], backups()));
    expect(versionOf(path())).toBe(2);
    expect(existsSync(backups())).toBe(false);
  });

  it('copies an older file before it changes it, and the copy is good', () => {
    anOlderFile();
    use(path(), (db) => migrate(db, [FIRST, SECOND], backups()));
    expect([versionOf(path()), wordsOf(path())]).toEqual([2, ['KEPT']]);
    const copies = readdirSync(backups());
    expect(copies).toEqual([expect.stringMatching(/^before-migration-2-.*\.sqlite$/)]);
    const copy = join(backups(), copies[0]!);
    expect([versionOf(copy), wordsOf(copy)]).toEqual([1, ['kept']]);
    expect(use(copy, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  it('touches nothing when there is nothing to do', () => {
    anOlderFile();
    use(path(), (db) => migrate(db, [FIRST], backups()));
    expect(existsSync(backups())).toBe(false);
  });

  it('leaves the file as it was when a step fails, those before it included', () => {
    anOlderFile();
    expect(() => use(path(), (db) => migrate(db, [FIRST, SECOND, BROKEN], backups()))).toThrow(
      'no_such_table',
    );
    expect([versionOf(path()), wordsOf(path())]).toEqual([1, ['kept']]);
    expect(
      use(path(), (db) => db.prepare("select count(*) from sqlite_schema where name = 'b'").pluck().get()),
    ).toBe(0);
  });

  it('leaves the file as it was when rows would point nowhere', () => {
    use(path(), (db) =>
      migrate(db, [{ number: 1, sql: 'create table a (id integer primary key, word text) strict; create table c (a_id integer references a) strict;' }], undefined),
    ); // prettier-ignore
    const orphan = { number: 2, sql: 'insert into c values (99);' };
    const attempt = () =>
      use(path(), (db) => {
        db.pragma('foreign_keys = off');
        migrate(db, [FIRST, orphan], undefined);
      });
    expect(attempt).toThrow('1 rows point nowhere');
    expect(versionOf(path())).toBe(1);
    expect(attempt).toThrow('1 rows point nowhere');
  });

  it('stops before changing anything when the copy cannot be written', () => {
    anOlderFile();
    writeFileSync(backups(), 'a file where the folder should be');
    expect(() => use(path(), (db) => migrate(db, [FIRST, SECOND], backups()))).toThrow('EEXIST');
    expect([versionOf(path()), wordsOf(path())]).toEqual([1, ['kept']]);
  });
});

describe('the library of an earlier version', () => {
  it('keeps what a person said over a mark, and that the device said something else', () => {
    const migrations = readMigrations(new URL('../../../server/catalogue/migrations/', import.meta.url));
    const at = migrations.findIndex(({ sql }) => sql.includes("person's word on a mark"));
    const words = { note: 'Mine', color: '#2196F3', deviceSays: { note: null, color: 'red' } };
    const read = use(path(), (db) => {
      migrate(db, migrations.slice(0, at), undefined);
      db.pragma('foreign_keys = off');
      db.exec(`insert into annotations (annotation_id, owner_id, book_id, source, device_says, updated_at)
        values ('m', 'o', 'b', 'koreader', '{"note":"Theirs","color":null}', 7);
        insert into bookmarks (bookmark_id, owner_id, book_id, source, updated_at) values ('n', 'o', 'b', 'koreader', 8)`);
      db.prepare("insert into kept_words values ('b', 'key', ?, 9)").run(JSON.stringify(words));
      db.exec(migrations[at]!.sql);
      const all = (sql: string) => db.prepare(sql).pluck().all().map((text) => JSON.parse(text as string) as unknown); // prettier-ignore
      return [
        all('select device_says from annotations'),
        all("select coalesce(device_says, 'null') from bookmarks"),
        all('select words from kept_words'),
      ];
    });
    const over = (is: string | null, at: number) => ({ is, was: [], at });
    expect(read).toEqual([
      [{ note: over('Theirs', 7), color: over(null, 7) }],
      [null],
      [{ ...words, deviceSays: { note: over(null, 9), color: over('red', 9) } }],
    ]);
  });

  it('keeps its files and storage: only those of folders have a path, and no word of a file is lost', () => {
    const migrations = readMigrations(new URL('../../../server/catalogue/migrations/', import.meta.url));
    const at = migrations.findIndex(({ sql }) => sql.includes('one door'));
    const now = 1;
    const read = use(path(), (db) => {
      migrate(db, migrations.slice(0, at), undefined);
      db.pragma('foreign_keys = off');
      const file = db.prepare(`insert into book_files
        (file_id, owner_id, folder_id, path, name, size_bytes, modified_ms, sha256, metadata, reader_version, read_at)
        values (?, 'o', ?, ?, 'a.epub', 3, 4, 'abc', '{"title":"Emma"}', 1, ?)`);
      file.run('found', 'folder', Buffer.from('/books/a.epub'), now);
      file.run('given', null, Buffer.from('/data/files/ab/abc'), now);
      db.prepare(
        "insert into text_files (file_id, owner_id, sha256, read_at) values ('given', 'o', 'abc', ?)",
      ).run(now);
      db.prepare(`insert into storage_backends (backend_id, owner_id, kind, name, is_primary, created_at, updated_at)
        values ('b', 'o', 'webdav', 'NAS', 1, 1, 1)`).run();
      db.exec(migrations[at]!.sql);
      return {
        files: db.prepare('select file_id, cast(path as text) as path, sha256, metadata from book_files order by 1').all(), // prettier-ignore
        texts: db.prepare('select file_id from text_files').pluck().all(),
        backends: db.prepare('select backend_id, kind, name, is_primary from storage_backends').all(),
      };
    });
    const metadata = '{"title":"Emma"}';
    expect(read).toEqual({
      files: [
        { file_id: 'found', path: '/books/a.epub', sha256: 'abc', metadata },
        { file_id: 'given', path: null, sha256: 'abc', metadata },
      ],
      texts: ['given'],
      backends: [{ backend_id: 'b', kind: 'webdav', name: 'NAS', is_primary: 1 }],
    });
  });
});

describe('a folder of migrations', () => {
  const write = (...names: string[]) => {
    const folder = join(dir, 'migrations');
    mkdirSync(folder);
    for (const name of names) writeFileSync(join(folder, name), `-- ${name}`);
    return readMigrations(pathToFileURL(`${folder}/`));
  };
  it('is read in order, other files left out', () => {
    expect(write('0002_b.sql', '0001_a.sql', 'README.md', '0001_a.sql.orig')).toEqual([
      { number: 1, sql: '-- 0001_a.sql' },
      { number: 2, sql: '-- 0002_b.sql' },
    ]);
  });
  it('is refused when a number is missing', () => {
    expect(() => write('0001_a.sql', '0003_c.sql')).toThrow('migration 2 is missing or doubled');
  });
  it('is refused when a number is there twice', () => {
    expect(() => write('0001_a.sql', '0001_b.sql')).toThrow('migration 2 is missing or doubled');
  });
});

describe('opening a data folder', () => {
  it('finds again what was written', () => {
    const first = open();
    const ownerId = first.write({}, (db) => aUser(db));
    first.write({}, (db) => aBook(db, { ownerId, title: 'Emma' }));
    first.close();
    const second = open();
    expect(second.revision()).toBe(1);
    expect(second.read((db) => db.$client.prepare('select title from books').pluck().get())).toBe('Emma');
    second.close();
  });

  it('refuses a file of a newer program, says so and leaves it', () => {
    open().close();
    use(path(), (db) => db.pragma('user_version = 99'));
    const before = readFileSync(path());
    expect(open).toThrow(
      expect.objectContaining({
        kind: 'conflict',
        code: 'newer_file',
        message: expect.stringMatching(
          /newer Papyrus Shelf \(schema 99, this program knows \d+\)\. Install the newer version/,
        ) as string,
      }),
    );
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  it("refuses another program's file and leaves every byte of it", () => {
    use(path(), (db) => db.exec("create table notes (text); insert into notes values ('mine')"));
    const before = readFileSync(path());
    expect(open).toThrow(
      expect.objectContaining({
        kind: 'conflict',
        code: 'foreign_file',
        message: 'The library file in the data folder belongs to another program and was not touched.',
      }),
    );
    expect(readFileSync(path()).equals(before)).toBe(true);
    expect(readdirSync(dir).filter((name) => name.startsWith(CATALOGUE_FILE))).toEqual([CATALOGUE_FILE]);
  });

  it.each([
    ['no database at all', Buffer.from('This is a letter, not a database. '.repeat(100))],
    ['cut off in the first page', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(50, 7)])],
  ])('refuses a file that is %s and leaves every byte of it', (_, bytes) => {
    writeFileSync(path(), bytes);
    expect(open).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        code: 'damaged_file',
        message: 'The library file is damaged and was not changed. Restore it from a backup.',
      }),
    );
    expect(readFileSync(path()).equals(bytes)).toBe(true);
  });

  it('refuses to migrate a damaged file', () => {
    use(path(), (db) => {
      migrate(db, [FIRST], undefined);
      db.transaction(() => {
        for (let n = 0; n < 2000; n++) db.prepare('insert into a (word) values (?)').run('word '.repeat(20));
      })();
    });
    const bytes = readFileSync(path());
    bytes.fill(0xff, 4096 * 4, 4096 * 6);
    writeFileSync(path(), bytes);
    expect(() => use(path(), (db) => migrate(db, [FIRST, SECOND], backups()))).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'damaged_file' }),
    );
    expect(readFileSync(path()).equals(bytes)).toBe(true);
    expect(existsSync(backups())).toBe(false);
  });

  it('gives the folder free again after a refusal', () => {
    writeFileSync(path(), 'no database at all, and long enough to be looked at'.repeat(50));
    expect(open).toThrow('damaged');
    rmSync(path());
    const catalogue = open();
    expect(catalogue.revision()).toBe(0);
    catalogue.close();
  });
});
