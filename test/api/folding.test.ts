import { join } from 'node:path';
import { renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../support/make-epub.ts';
import { OWNER, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const TITLES = [
  'Zebra',
  'Ægir og Œuvre',
  'Łódź',
  'Ocean’s Godori',
  "The Hitchhiker's Guide",
  'Půda — L’été',
  'Straße',
  'काल',
  'कल',
  'ม้ามาก',
  'มานี',
  'がき',
  'かき',
];

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({
    files: {
      ...Object.fromEntries(TITLES.map((title, n) => [`${n}.epub`, makeEpub({ title, authors: ['Ann'] })])),
      'text.txt': 'The captain’s półciężkość. काल चक्र, ม้ามาก.',
    },
  });
  token = await server.claim();
});
afterAll(() => server.close());

const PLAIN = 'sort=title&limit=50';
const papyrusTitles = async (query: string): Promise<string[]> => {
  const answer = await server.papyrus('GET', `/books?${query}`, undefined, token);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  const { books } = answer.json() as { books: { title: string }[] };
  return books.map(({ title }) => title).filter((title) => title !== 'text');
};
const found = (words: string) => papyrusTitles(`search=${encodeURIComponent(words)}&${PLAIN}`);
const inTexts = async (words: string): Promise<string[]> => {
  const path = `/search?in=text&q=${encodeURIComponent(words)}`;
  const { results } = (await server.papyrus('GET', path, undefined, token)).json() as {
    results: { snippets: { text: string; marks: { start: number; end: number }[] }[] }[];
  };
  return results.flatMap(({ snippets }) =>
    snippets.flatMap(({ text, marks }) => marks.map(({ start, end }) => text.slice(start, end))),
  );
};

describe('a search', () => {
  it.each([
    ['lodz', ['Łódź']],
    ['łódź', ['Łódź']],
    ['aegir', ['Ægir og Œuvre']],
    ['oeuvre', ['Ægir og Œuvre']],
    ['strasse', ['Straße']],
    ["ocean's", ['Ocean’s Godori']],
    ['hitchhiker’s', ["The Hitchhiker's Guide"]],
    ['puda - l‘ete', ['Půda — L’été']],
    ['कल', ['कल']],
    ['काल', ['काल']],
    ['มาน', ['มานี']],
    ['ม้า', ['ม้ามาก']],
    ['かき', ['かき']],
  ])('for %s finds %j', async (words, titles) => {
    expect(await found(words)).toEqual(titles);
  });

  it('in texts takes marks that are letters as parts of a word', async () => {
    await server.papyrus('PUT', '/search/settings', { book_text: true }, token);
    await server.settled();
    expect(await inTexts('polciez')).toEqual(['półcięż']);
    expect(await inTexts("captain's")).toEqual(['captain’s']);
    expect(await inTexts('काल')).toEqual(['काल']);
    expect(await inTexts('कल')).toEqual([]);
    expect(await inTexts('ม้า')).toEqual(['ม้า']);
    expect(await inTexts('มาม')).toEqual([]);
  });
});

describe('lists', () => {
  const latin = ['Ægir og Œuvre', 'Łódź', 'Ocean’s Godori', 'Půda — L’été', 'Straße', "The Hitchhiker's Guide", 'Zebra']; // prettier-ignore
  it('of books are sorted by plain letters', async () => {
    expect((await papyrusTitles(PLAIN)).slice(0, latin.length)).toEqual(latin);
  });

  it('of names are too', async () => {
    const names = ['Żaba', 'Æther', 'Zoo', 'élan', 'Łoś', 'Mice'];
    for (const name of names) {
      const made = [
        await server.papyrus('POST', '/tags', { name, color: '#336699' }, token),
        await server.papyrus('POST', '/series', { name }, token),
      ];
      expect(made.map(({ status }) => status)).toEqual([201, 201]);
    }
    const sorted = ['Æther', 'élan', 'Łoś', 'Mice', 'Żaba', 'Zoo'];
    const named = (rows: { name: string }[]) =>
      rows.map(({ name }) => name).filter((name) => names.includes(name));
    const { tags } = (await server.papyrus('GET', '/tags', undefined, token)).json() as {
      tags: { name: string }[];
    };
    expect(named(tags)).toEqual(sorted);
    const { series } = (await server.papyrus('GET', '/series', undefined, token)).json() as {
      series: { name: string }[];
    };
    expect(named(series)).toEqual(sorted);
  });
});

describe('a library that was folded by another rule', () => {
  /** Makes the file what an older program left, as far as folding goes. */
  function makeOld(): { revision: unknown } {
    const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'));
    try {
      db.exec(`
        update book_words set title = 'ocean’s godori' where title = 'ocean''s godori';
        update book_words set title = 'łodz' where title = 'lodz';
        update books set sort_title = 'łodz' where sort_title = 'lodz';
        update text_files set fold_version = 1;
        delete from settings where key = 'words.fold_version';`);
      return { revision: db.prepare('select max(seq), count(*) from changes').raw().get() };
    } finally {
      db.close();
    }
  }

  it('is folded anew once, before anybody asks, and nothing is said to have changed', async () => {
    const { revision } = makeOld();
    // Its drive is not there: what was read of it is folded all the same.
    renameSync(server.libraryDir, `${server.libraryDir} away`);
    await server.restart();
    const { email, password } = OWNER;
    const again = await server.papyrus('POST', '/auth/login', { email, password });
    token = (again.json() as { access_token: string }).access_token;
    expect(await found("ocean's")).toEqual(['Ocean’s Godori']);
    expect(await found('lodz')).toEqual(['Łódź']);
    expect((await papyrusTitles(PLAIN))[1]).toBe('Łódź');
    expect(await inTexts('polciez')).toEqual(['półcięż']);
    const settings = await server.papyrus('GET', '/search/settings', undefined, token);
    expect(settings.json()).toMatchObject({ book_text: true, unreadable_files: 0 });
    const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'), { readonly: true });
    expect(db.prepare('select max(seq), count(*) from changes').raw().get()).toEqual(revision);
    expect(db.prepare("select value from settings where key = 'words.fold_version'").pluck().get()).toBe('2');
    expect(db.prepare('select distinct fold_version from text_files').pluck().all()).toEqual([2]);
    db.close();
  });
});
