// A file of a device that arrives late, and a list KOReader had in memory, against what was said in the app meanwhile.
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import { at } from '../../support/clock.ts';
import type { SetClock } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';
import { koreaderChecksum, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import type { ItemAnswer } from './shelf.ts';

type Content = Record<string, LuaContent | undefined>;
type Mark = { annotation_id: string; bookmark_id: string; note: string | null; highlight_color: string };

const late = makeEpub({ title: 'Late', authors: ['Ann'] });
const md5 = koreaderChecksum(late);
const PLACES = {
  'beside the book': 'late.sdr/metadata.epub.lua',
  'in docsettings': 'docsettings/mnt/onboard/late.sdr/metadata.epub.lua',
  'in hashdocsettings': `hashdocsettings/${md5.slice(0, 2)}/${md5}.sdr/metadata.epub.lua`,
};

let server: TestServer;
let clock: SetClock;
let token: string;
let signedInMs: number | undefined;
let id: string;
let sidecar: string;
afterEach(() => server.close());

/** Starts a server at noon of 1 December with a book, and the sidecar a device wrote two weeks before, if any. */
async function start(place: keyof typeof PLACES, first: Content | undefined, writeback = false) {
  clock = at('2026-12-01T12:00:00Z');
  sidecar = PLACES[place];
  server = await startTestServer({
    clock,
    options: { writeback, includeUnread: true },
    files: { 'late.epub': late },
  });
  if (first !== undefined) await device(first, '2026-11-15T20:00:00Z');
  token = await server.claim();
  signedInMs = clock.now().getTime();
  const { books } = await ok<{ books: { book_id: string }[] }>('GET', '/books');
  id = books[0]!.book_id;
}
/** Puts a file where the device keeps it, written at this moment, and scans. */
async function device(content: Content, moment: string, path = sidecar) {
  const at = join(server.libraryDir, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, makeSidecar({ partial_md5_checksum: md5, ...content }));
  utimesSync(at, new Date(moment), new Date(moment));
  await server.rescan();
  await server.settled();
}
const ok = async <Data>(method: string, path: string, body?: unknown): Promise<Data> => {
  // Tokens are good for an hour; here days go by.
  if (clock.now().getTime() !== signedInMs) await signIn();
  const answer = await server.papyrus(method, path, body, token);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
  return (answer.text === '' ? undefined : answer.json()) as Data;
};
const signIn = async () => {
  const { email, password } = OWNER;
  token = (
    (await server.papyrus('POST', '/auth/login', { email, password })).json() as { access_token: string }
  ).access_token;
  signedInMs = clock.now().getTime();
};
const koshelf = async (method: string, path: string, body?: unknown) => {
  const answer = await server.koshelf(`/items/${id}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
  });
  expect([answer.status, answer.text]).toEqual([204, '']);
};
const book = async () => {
  const found = await ok<{ rating: number; reading_status: string; current_position: number }>(
    'GET',
    `/books/${id}`,
  );
  return { rating: found.rating, status: found.reading_status, progress: found.current_position };
};
const marks = async () => (await ok<{ annotations: Mark[] }>('GET', `/books/${id}/annotations`)).annotations;
const detail = () => server.data<ItemAnswer>(`/items/${id}?include=all`);
const says = (path = sidecar) => readSidecar(readFileSync(join(server.libraryDir, path)));

describe.each(Object.keys(PLACES) as (keyof typeof PLACES)[])('a sidecar %s', (place) => {
  const first: Content = {
    percent_finished: 0.1,
    summary: { status: 'reading', rating: 3, modified: '2026-11-15' },
    annotations: [aHighlight(1, { note: 'n' })],
  };
  const second: Content = {
    percent_finished: 0.55,
    summary: { status: 'abandoned', rating: 4, modified: '2026-11-24' },
    annotations: [aHighlight(1, { note: 'device note', datetime_updated: '2026-11-24 10:00:00' })],
  };
  const speak = async () => {
    await ok('PUT', `/books/${id}/progress`, { current_position: 0.9 });
    await ok('PATCH', `/books/${id}`, { rating: 5, reading_status: 'completed' });
  };

  it('written last week that arrives today takes nothing back that was said today', async () => {
    await start(place, first);
    await speak();
    const [mark] = await marks();
    await ok('PATCH', `/annotations/${mark!.annotation_id}`, { note: 'app note' });
    await device(second, '2026-11-24T10:00:05Z');
    expect(await book()).toEqual({ rating: 5, status: 'completed', progress: 0.9 });
    expect((await marks()).map(({ note }) => note)).toEqual(['app note']);
    // What the device says from now on counts again.
    await device(
      {
        ...second,
        percent_finished: 0.95,
        summary: { status: 'reading', rating: 2, modified: '2026-12-02' },
      },
      '2026-12-02T08:00:00Z',
    );
    expect(await book()).toEqual({ rating: 2, status: 'in_progress', progress: 0.95 });
  });

  it('written last week that is the first to arrive takes nothing back either', async () => {
    await start(place, undefined);
    await speak();
    await device(second, '2026-11-24T10:00:05Z');
    expect(await book()).toEqual({ rating: 5, status: 'completed', progress: 0.9 });
    expect((await marks()).map(({ note }) => note)).toEqual(['device note']);
  });

  it('that is the first to arrive and was written later says where the person is', async () => {
    await start(place, undefined);
    await ok('PUT', `/books/${id}/progress`, { current_position: 0.2 });
    await device(second, '2026-12-01T13:00:00Z');
    expect((await book()).progress).toBe(0.55);
  });

  it('that arrives late is older than the place a device pushed before it', async () => {
    await start(place, first);
    await device(second, '2026-11-24T10:00:05Z');
    const push = async (progress: number, timestamp: string) =>
      ok('POST', '/sync/changes', {
        device_id: '7c0f4c1c-6a2e-4b43-9f0e-0d8c1a2b3c4d',
        changes: [
          {
            entity_type: 'book',
            entity_id: id,
            operation: 'update',
            timestamp,
            data: { current_position: progress },
          },
        ],
      });
    await push(0.3, '2026-11-20T00:00:00Z');
    expect((await book()).progress).toBe(0.55);
    await push(0.7, '2026-11-25T00:00:00Z');
    expect((await book()).progress).toBe(0.7);
  });
});

describe('a list KOReader had in memory while somebody spoke here', () => {
  const TODAY = '2026-12-01';
  const open: Content = {
    percent_finished: 0.1,
    stats: { highlights: 2, notes: 0 },
    summary: { status: 'reading', rating: 3, note: 'Hm.', modified: TODAY },
    annotations: [aHighlight(1, { note: 'Old' }), aHighlight(2), aBookmark(3), aHighlight(4)],
  };
  const closes = async (changed: Content = {}) => {
    clock.forward({ hours: 1 });
    await device({ ...open, percent_finished: 0.4, ...changed }, clock.now().toISOString());
  };
  const markOf = async (text: string) => (await detail()).highlights!.find((each) => each.text === text)!;

  it('takes back nothing that was said through Papyrus, in the catalogue and in the file', async () => {
    await start('beside the book', open, true);
    const [one, two, four] = await marks();
    await ok('PATCH', `/annotations/${one!.annotation_id}`, { note: 'Mine', highlight_color: '#E91E63' });
    await ok('PATCH', `/annotations/${two!.annotation_id}`, { note: 'First' });
    await ok('PATCH', `/annotations/${two!.annotation_id}`, { note: 'Second' });
    await ok('DELETE', `/annotations/${four!.annotation_id}`);
    await ok('PATCH', `/books/${id}`, { rating: 5, reading_status: 'completed' });
    await server.settled();
    const expectAll = async () => {
      expect((await marks()).map((mark) => [mark.note, mark.highlight_color])).toEqual([
        ['Mine', '#E91E63'],
        ['Second', '#FFFF33'],
      ]);
      expect(await book()).toMatchObject({ rating: 5, status: 'completed' });
      expect(says().annotations.map(({ text, note, color }) => [text, note, color])).toEqual([
        ['Line 1', 'Mine', 'red'],
        ['Line 2', 'Second', 'yellow'],
        ['in One', undefined, undefined],
      ]);
      expect(says().summary).toMatchObject({ rating: 5, status: 'complete', note: 'Hm.' });
    };
    await expectAll();
    await closes();
    await expectAll();
    expect((await book()).progress).toBe(0.4);
    // The book stays open for days, and is saved now and then.
    clock.forward({ days: 2 });
    await closes({ percent_finished: 0.5 });
    await expectAll();
  });

  it('takes back nothing that was said through KoShelf, in the catalogue and in the file', async () => {
    await start('beside the book', open, true);
    const one = await markOf('Line 1');
    const four = await markOf('Line 4');
    const [place] = (await detail()).bookmarks!;
    await koshelf('PATCH', `/annotations/${one.id}`, { note: 'Mine', color: 'green', drawer: 'invert' });
    await koshelf('PATCH', `/annotations/${place!.id}`, { drawer: 'underscore' });
    await koshelf('DELETE', `/annotations/${four.id}`);
    await koshelf('PATCH', '', { rating: 5, review_note: 'Mine.', status: 'complete' });
    const said = [
      ['Line 1', 'Mine', 'green', 'invert'],
      ['Line 2', undefined, 'yellow', 'lighten'],
      ['in One', undefined, undefined, 'underscore'],
    ];
    const expectAll = async () => {
      const shown = await detail();
      expect(shown.highlights!.map(({ text, note, color, drawer }) => [text, note, color, drawer])).toEqual(
        said,
      );
      expect(shown.bookmarks).toEqual([]);
      expect(shown.item).toMatchObject({ rating: 5, review_note: 'Mine.', status: 'complete' });
      expect(says().annotations.map(({ text, note, color, drawer }) => [text, note, color, drawer])).toEqual(
        said,
      );
      expect(says().summary).toMatchObject({ rating: 5, note: 'Mine.', status: 'complete' });
    };
    await expectAll();
    await closes();
    await expectAll();
    await closes({ percent_finished: 0.6 });
    await expectAll();
    expect((await markOf('in One')).id).toBe(place!.id);
  });

  it('says what the device changed meanwhile beside it', async () => {
    await start('beside the book', open, true);
    const [one, two] = await marks();
    await ok('PATCH', `/annotations/${one!.annotation_id}`, { note: 'Mine' });
    await ok('PATCH', `/annotations/${two!.annotation_id}`, { note: 'Mine too' });
    await koshelf('PATCH', '', { rating: 5 });
    await closes({
      summary: { status: 'complete', rating: 3, note: 'Hm.', modified: TODAY },
      annotations: [
        aHighlight(1, { note: 'Old', color: 'blue', datetime_updated: '2026-12-01 12:30:00' }),
        aHighlight(2, { note: 'Theirs', datetime_updated: '2026-12-01 12:30:00' }),
        aHighlight(5),
      ],
    });
    expect((await marks()).map((mark) => [mark.note, mark.highlight_color])).toEqual([
      ['Mine', '#0066FF'],
      ['Theirs', '#FFFF33'],
      [null, '#FFFF33'],
    ]);
    expect(await book()).toMatchObject({ rating: 5, status: 'completed' });
  });

  it('is no list in memory any more once the device dates a change of its own later', async () => {
    await start('beside the book', open, true);
    const [one] = await marks();
    await ok('PATCH', `/annotations/${one!.annotation_id}`, { note: 'Mine' });
    await koshelf('PATCH', '', { rating: 5 });
    // It read what was said here, and wrote it back.
    await closes({
      summary: { ...says().summary, rating: 5 },
      annotations: [aHighlight(1, { note: 'Mine' }), aHighlight(2)],
    });
    await closes({
      summary: { ...says().summary, rating: 3 },
      annotations: [aHighlight(1, { note: 'Old', datetime_updated: '2026-12-01 13:30:00' }), aHighlight(2)],
    });
    expect((await marks())[0]).toMatchObject({ note: 'Old' });
    expect((await book()).rating).toBe(3);
  });
});

describe('two sidecars of one book', () => {
  const marked: Content = { percent_finished: 0.1, annotations: [aHighlight(1), aHighlight(2)] };
  const BESIDE = PLACES['beside the book'];
  const ELSEWHERE = PLACES['in docsettings'];
  const secondOf = (path: string) => Math.floor(statSync(join(server.libraryDir, path)).mtimeMs / 1000);
  /** The one KOReader opens: the newest by whole seconds, of the same second the one beside the book. */
  const opened = () => (secondOf(ELSEWHERE) > secondOf(BESIDE) ? ELSEWHERE : BESIDE);

  it.each([
    ['the one in docsettings is newer', '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z', ELSEWHERE],
    ['both are of the same second', '2026-11-20T10:00:00.100Z', '2026-11-20T10:00:00.900Z', BESIDE],
    ['they are a second apart', '2026-11-20T10:00:00.900Z', '2026-11-20T10:00:01.100Z', ELSEWHERE],
    ['the one beside the book is of tomorrow', '2099-11-20T10:00:00Z', '2026-11-20T11:00:00Z', BESIDE],
  ])('leave KOReader the same one to open when %s', async (_, beside, elsewhere, expected) => {
    await start('beside the book', undefined, true);
    await device(marked, beside, BESIDE);
    await device(marked, elsewhere, ELSEWHERE);
    expect(opened()).toBe(expected);
    const [one, two] = await marks();
    await ok('PATCH', `/annotations/${one!.annotation_id}`, { note: 'Mine' });
    await koshelf('DELETE', `/annotations/${two!.annotation_id}`);
    await koshelf('PATCH', '', { rating: 4 });
    await server.settled();
    expect(opened()).toBe(expected);
    const other = expected === BESIDE ? ELSEWHERE : BESIDE;
    const isLeftAlone = says(other).annotations.length === 2;
    if (!isLeftAlone) expect(secondOf(expected) - secondOf(other)).toBeGreaterThanOrEqual(2);
    // KOReader opens it, reads on, closes it and deletes the other.
    const read = says(expected);
    expect(read.annotations.map(({ note }) => note)).toEqual(['Mine']);
    expect(read.summary?.rating).toBe(4);
    rmSync(join(server.libraryDir, other));
    clock.forward({ hours: 1 });
    await server.rescan();
    expect((await marks()).map(({ note }) => note)).toEqual(['Mine']);
    expect((await book()).rating).toBe(4);
  });

  it('both tell what was said in them, whichever is newer', async () => {
    await start('beside the book', undefined);
    const rated = (rating: number, modified: string, mark: Content): Content => ({
      ...marked,
      summary: { status: 'reading', rating, modified },
      annotations: [aHighlight(1, mark)],
    });
    await device(rated(3, '2026-11-01', { note: 'Old' }), '2026-11-01T10:00:00Z', BESIDE);
    await device(rated(3, '2026-11-01', { note: 'Old' }), '2026-11-02T10:00:00Z', ELSEWHERE);
    // One device changes something; the other is read on later without knowing of it, and both arrive together.
    const changed = rated(5, '2026-11-03', { note: 'New', datetime_updated: '2026-11-03 09:00:00' });
    await device(
      { ...rated(3, '2026-11-01', { note: 'Old' }), percent_finished: 0.7 },
      '2026-11-04T10:00:00Z',
      ELSEWHERE,
    );
    await device({ ...changed, percent_finished: 0.5 }, '2026-11-03T10:00:00Z', BESIDE);
    expect(await book()).toMatchObject({ rating: 5, progress: 0.7 });
    expect((await marks()).map(({ note }) => note)).toEqual(['New']);
  });
});
