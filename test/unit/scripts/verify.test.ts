import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compare } from '../../../scripts/verify/comparison.ts';
import { explain } from '../../../scripts/verify/explained.ts';
import { compareStatistics } from '../../../scripts/verify/statistics.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Run = { code: number; out: string };
const verify = (): Promise<Run> =>
  new Promise((resolve) => {
    const script = join(import.meta.dirname, '../../../scripts/verify.ts');
    execFile(process.execPath, [script, folder], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out: out + err }),
    );
  });

describe('verify', () => {
  it('tells which files are missing, and compares the others all the same', async () => {
    const book = makeEpub({ title: 'Emma' });
    writeFileSync(join(folder, 'Emma.epub'), book);
    const sha256 = createHash('sha256').update(book).digest('hex');
    const expected = {
      'Emma.epub': { sha256, epubcheck: { title: 'Emma' } },
      'gone.epub': { sha256, epubcheck: { title: 'Gone' } },
      'gone/metadata.epub.lua': { lua: { percent_finished: 1 } },
      'gone/statistics.sqlite3': { sqlite: { books: 1 } },
    };
    writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected));
    const { code, out } = await verify();
    expect(out).toContain('Missing (3):\ngone.epub\ngone/metadata.epub.lua\ngone/statistics.sqlite3\n');
    expect(out).toContain(
      '\n1 files, 3 missing, 0 checksums or figures differ, 0 descriptions differ, 0 explained\n',
    );
    expect(code).toBe(1);
    rmSync(join(folder, 'expected.json'));
    writeFileSync(join(folder, 'expected.json'), JSON.stringify({ 'Emma.epub': expected['Emma.epub'] }));
    expect((await verify()).code).toBe(0);
  }, 60_000);
});

describe('a difference', () => {
  const judge = (field: string, ours: string | undefined, theirs: string, path = 'a.epub', tool = 'opf') =>
    explain(compare({ path, field, ours, claims: [{ tool, value: theirs }] }), folder);

  it.each([
    ['title', 'gpj.exe', '\u202egpj.exe\u202c'],
    ['title', 'A'.repeat(500), 'A'.repeat(1500)],
    ['title', undefined, '&xxe;'],
    ['authors', undefined, 'https://imagemagick.org'],
  ])('of a %s that is left out for a reason is explained', async (field, ours, theirs) => {
    expect(await judge(field, ours, theirs)).toMatchObject({ verdict: 'explained', why: expect.any(String) });
  });

  it.each([
    ['title', 'Emma', 'Persuasion'],
    ['title', undefined, 'Emma'],
    ['title', 'A'.repeat(999), 'A'.repeat(1500)],
    ['authors', undefined, 'Jane Austen'],
    ['cover', 'no', 'yes'],
  ])('of a %s without a reason stays one', async (field, ours, theirs) => {
    expect((await judge(field, ours, theirs)).verdict).toBe('differs');
  });

  it('of a comic’s cover is explained only when nothing in it can be decoded', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    writeFileSync(join(folder, 'good.cbz'), makeCbz([{ name: '1.png', content: png }]));
    writeFileSync(join(folder, 'bad.cbz'), makeCbz([{ name: '1.png', content: png.subarray(0, 40) }]));
    expect((await judge('cover', 'no', 'yes', 'good.cbz')).verdict).toBe('differs');
    expect((await judge('cover', 'no', 'yes', 'bad.cbz')).verdict).toBe('explained');
  });

  it('of rows that KOReader cannot have written is explained, of any other a fault', () => {
    const figures = { refusal: undefined, books: [] };
    const verdictOf = (dur: number) =>
      compareStatistics('a.sqlite3', figures, { sqlite: { books: 0, page_stat_data: { n: 5, dur } } }).find(
        ({ field }) => field === 'statistics rows',
      );
    expect(verdictOf(2 ** 40)).toMatchObject({ verdict: 'explained' });
    expect(verdictOf(300)).toMatchObject({ verdict: 'differs', isExact: true });
  });
});
