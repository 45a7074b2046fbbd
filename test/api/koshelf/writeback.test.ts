import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { testScenarios } from '../../support/scenario.ts';
import type { JobList } from '../../../server/api/desk/schemas.ts';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import type { Item, ItemAnswer } from './shelf.ts';

type Content = Record<string, LuaContent | undefined>;

const SIDECAR = 'sea.sdr/metadata.epub.lua';
const sea = makeEpub({ title: 'Sea', authors: ['Ann'], identifiers: ['urn:sea'] });
const content: Content = {
  partial_md5_checksum: koreaderChecksum(sea),
  percent_finished: 0.42,
  stats: { highlights: 1, notes: 1 },
  summary: { status: 'reading', rating: 2, modified: '2026-01-01' },
  annotations: [aHighlight(1), aHighlight(2, { note: 'Salt' }), aBookmark(3)],
};
const files = {
  'sea.epub': sea,
  [SIDECAR]: makeSidecar(content),
  'unread.epub': makeEpub({ title: 'Unread', identifiers: ['urn:unread'] }),
};

let server: TestServer;
let id: string;
const start = async (writeback: boolean) => {
  server = await startTestServer({ clock: at('2026-03-14T20:30:00Z'), options: { writeback }, files });
  id = await idOf('Sea');
};
/** A server of its own for each test. */
const startEach = (writeback: boolean) => {
  beforeEach(() => start(writeback));
  afterEach(() => server.close());
};

const idOf = async (title: string): Promise<string> => {
  const { items } = await server.data<{ items: Item[] }>('/items');
  return items.find((item) => item.title === title)!.id;
};
const errorOf = (answer: Answer) => [answer.status, (answer.json() as Refusal).error];
const bytes = (): string => readFileSync(join(server.libraryDir, SIDECAR), 'latin1');
const says = () => readSidecar(Buffer.from(bytes(), 'latin1'));
const detail = () => server.data<ItemAnswer>(`/items/${id}?include=all`);
const send = (method: string, path: string, body?: unknown) =>
  server.koshelf(path, { method, ...(body === undefined ? {} : { body }) });
const patchItem = (body: unknown) => send('PATCH', `/items/${id}`, body);
const highlightIds = async () => (await detail()).highlights!.map((mark) => mark.id);
/** The device writes its file anew, later than all that was said here. */
const device = (changed: Content) => {
  server.put({ [SIDECAR]: makeSidecar({ ...content, ...changed }) }, '2026-03-15T00:00:00Z');
};

describe('writeback', () => {
  startEach(true);

  it('is told of in /api/site', async () => {
    const { capabilities } = await server.data<{ capabilities: object }>('/site');
    expect(capabilities).toMatchObject({ has_writeback: true });
  });

  it('answers a changed item with 204 and nothing, and shows it at once', async () => {
    const answer = await patchItem({ review_note: ' Fine.\nVery. ', rating: 4, status: 'complete' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await detail()).item).toMatchObject({
      review_note: ' Fine.\nVery. ',
      rating: 4,
      status: 'complete',
    });
    expect((await server.data<{ items: Item[] }>('/items')).items[0]).toMatchObject({ rating: 4 });
    expect(bytes()).toBe(
      makeSidecar({
        ...content,
        summary: { modified: '2026-03-14', note: ' Fine.\nVery. ', rating: 4, status: 'complete' },
      }).toString('latin1'),
    );
  });

  it('leaves out what is not said, clears what is null, and stamps the date for an empty change', async () => {
    expect((await patchItem({})).status).toBe(204);
    expect(says().summary).toEqual({ rating: 2, status: 'reading', modified: '2026-03-14' });
    expect((await patchItem({ rating: 0, status: null, review_note: '  ', other: 1 })).status).toBe(204);
    expect(says().summary).toEqual({ status: 'reading', modified: '2026-03-14' });
    expect((await patchItem({ rating: 5 })).status).toBe(204);
    expect((await patchItem({ rating: null, review_note: null })).status).toBe(204);
    const { item } = await detail();
    expect(item).not.toHaveProperty('rating');
    expect(item).not.toHaveProperty('review_note');
  });

  it('changes note, colour and drawer of a highlight, whose id stays', async () => {
    const [first] = await highlightIds();
    const path = `/items/${id}/annotations/${first}`;
    expect((await send('PATCH', path, { note: 'Foam', color: 'purple', drawer: 'invert' })).status).toBe(204);
    expect((await detail()).highlights![0]).toMatchObject({
      id: first,
      note: 'Foam',
      color: 'purple',
      drawer: 'invert',
      datetime_updated: '2026-03-14 20:30:00',
    });
    expect(says().stats).toMatchObject({ highlights: 0, notes: 2 });
    expect((await send('PATCH', path, { note: null, color: null, drawer: null })).status).toBe(204);
    const mark = (await detail()).highlights![0];
    expect(mark).toMatchObject({ color: 'purple', drawer: 'invert' });
    expect(mark).not.toHaveProperty('note');
    expect(says().stats).toMatchObject({ highlights: 1, notes: 1 });
  });

  it('removes marks: counts drop, ids of the others stay', async () => {
    const [first, second] = await highlightIds();
    const [bookmark] = (await detail()).bookmarks!;
    for (const gone of [first, bookmark!.id]) {
      const answer = await send('DELETE', `/items/${id}/annotations/${gone}`);
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
    const shown = await detail();
    expect([shown.highlights!.map((mark) => mark.id), shown.bookmarks]).toEqual([[second], []]);
    expect(shown.item.annotation_count).toBe(1);
    expect(shown.statistics!.item_stats).toMatchObject({ highlights: 1, notes: 1, bookmarks: 0 });
    expect(bytes()).toBe(
      makeSidecar({
        ...content,
        stats: { highlights: 0, notes: 1 },
        annotations: [aHighlight(2, { note: 'Salt' })],
      }).toString('latin1'),
    );
    expect((await send('DELETE', `/items/${id}/annotations/${first}`)).status).toBe(404);
  });

  it('answers 409 and changes nothing when the file is not as it was read; after a scan it works', async () => {
    const [first] = await highlightIds();
    device({ percent_finished: 0.8 });
    const before = bytes();
    const refused = [
      await patchItem({ rating: 5 }),
      await send('PATCH', `/items/${id}/annotations/${first}`, { note: 'x' }),
      await send('DELETE', `/items/${id}/annotations/${first}`),
    ];
    for (const answer of refused) {
      expect(errorOf(answer)).toEqual([
        409,
        { code: 'conflict', message: 'metadata file was modified externally; re-fetch and retry' },
      ]);
    }
    expect(bytes()).toBe(before);
    await server.rescan();
    expect((await patchItem({ rating: 5 })).status).toBe(204);
    expect(says()).toMatchObject({ percentFinished: 0.8, summary: { rating: 5 } });
  });

  it('makes nothing for a book KOReader never opened', async () => {
    const unread = await idOf('Unread');
    expect((await send('PATCH', `/items/${unread}`, { rating: 5 })).status).toBe(404);
    expect(() => statSync(join(server.libraryDir, 'unread.sdr'))).toThrow('ENOENT');
  });

  it('is nothing new to the next scan, and announces itself', async () => {
    const stream = await server.events('/api/events/stream');
    await stream.next();
    await patchItem({ rating: 5, status: 'complete' });
    expect((await stream.next()).event).toBe('data_changed');
    stream.close();
    const before = await detail();
    await server.rescan();
    const { jobs } = (await server.desk('GET', '/jobs')).json() as JobList;
    const scan = jobs.find((job) => job.kind === 'scan-folder');
    expect(scan!.counts).toMatchObject({ read: 0, unchanged: 3 });
    expect(await detail()).toEqual(before);
  });
});

describe('what writeback refuses', () => {
  beforeAll(() => start(true));
  afterAll(() => server.close());

  const RATING = 'rating must be between 0 and 5 (0 clears the rating)';
  const STATUS = 'status must be one of: reading, complete, abandoned';
  const COLOR = 'color must be one of: red, orange, yellow, green, olive, cyan, blue, purple, gray';
  const DRAWER = 'drawer must be one of: lighten, underscore, strikeout, invert';
  const OBJECT = 'the request body must be a JSON object';
  const invalid = { status: 400, code: 'invalid_query' };
  const missing = { status: 404, code: 'not_found', message: 'requested resource was not found' };
  // Values are looked at before the id: the item need not be there.
  const item = { method: 'PATCH', url: '/api/items/none' };
  const mark = { method: 'PATCH', url: '/api/items/none/annotations/none' };

  testScenarios(
    () => server,
    () => ({}),
    [
      ...[6, -1, 3.5, '4', true, [], {}, 1e300].map((rating) => ({
        ...item, ...invalid, title: `a rating of ${JSON.stringify(rating)}`, body: { rating }, message: RATING,
      })),
      ...['', 'finished', 'unknown', 1, {}].map((status) => ({
        ...item, ...invalid, title: `a status of ${JSON.stringify(status)}`, body: { status }, message: STATUS,
      })),
      ...[1, {}, ['a']].map((review_note) => ({
        ...item, ...invalid, title: `a review of ${JSON.stringify(review_note)}`, body: { review_note },
        message: 'review_note must be a string or null',
      })),
      ...['pink', '#ff0000', 'Red', 1].map((color) => ({
        ...mark, ...invalid, title: `a colour of ${JSON.stringify(color)}`, body: { color }, message: COLOR,
      })),
      ...['bold', '', 0].map((drawer) => ({
        ...mark, ...invalid, title: `a drawer of ${JSON.stringify(drawer)}`, body: { drawer }, message: DRAWER,
      })),
      { ...mark, ...invalid, title: 'a note that is no text', body: { note: 5 }, message: 'note must be a string or null' },
      { ...item, ...invalid, title: 'a list', body: [], message: OBJECT },
      { ...item, ...invalid, title: 'no body', message: OBJECT },
      { ...item, ...invalid, title: 'a body that is no JSON', raw: '{"rating":', headers: { 'content-type': 'application/json' } },
      { ...item, ...missing, title: 'an unknown item', body: { rating: 1 } },
      { ...mark, ...missing, title: 'an unknown annotation', body: {} },
      { ...mark, ...missing, title: 'removing an unknown annotation', method: 'DELETE' },
    ],
  ); // prettier-ignore
});

describe('without writeback', () => {
  startEach(false);

  it('answers 404 to every change, whatever it says, and leaves the file alone', async () => {
    const { capabilities } = await server.data<{ capabilities: object }>('/site');
    expect(capabilities).toMatchObject({ has_writeback: false });
    const [first] = await highlightIds();
    const before = [bytes(), statSync(join(server.libraryDir, SIDECAR)).mtimeMs];
    for (const [method, path, body] of [
      ['PATCH', `/items/${id}`, { rating: 5 }],
      ['PATCH', `/items/${id}`, { rating: 9 }],
      ['PATCH', `/items/${id}/annotations/${first}`, { note: 'x' }],
      ['DELETE', `/items/${id}/annotations/${first}`, undefined],
    ] as const) {
      const answer = await send(method, path, body);
      expect(errorOf(answer)).toMatchObject([404, { code: 'not_found' }]);
    }
    const token = await server.claim();
    expect((await server.papyrus('PATCH', `/books/${id}`, { rating: 5 }, token)).status).toBe(200);
    await server.settled();
    await server.rescan();
    expect([bytes(), statSync(join(server.libraryDir, SIDECAR)).mtimeMs]).toEqual(before);
  });

  it('keeps what is said until it is switched on', async () => {
    const token = await server.claim();
    await server.papyrus('PATCH', `/books/${id}`, { rating: 5 }, token);
    await server.restart({ writeback: true });
    await server.settled();
    expect(says().summary).toEqual({ rating: 5, status: 'reading', modified: '2026-03-14' });
  });
});

describe('one change behind two faces and a device', () => {
  startEach(true);

  const book = async (token: string) =>
    (await server.papyrus('GET', `/books/${id}`, undefined, token)).json() as Book;

  it('made in Papyrus reaches the file and KoShelf', async () => {
    const token = await server.claim();
    const change = { rating: 5, reading_status: 'completed' };
    expect((await server.papyrus('PATCH', `/books/${id}`, change, token)).status).toBe(200);
    await server.settled();
    expect(bytes()).toBe(
      makeSidecar({
        ...content,
        summary: { status: 'complete', rating: 5, modified: '2026-03-14' },
      }).toString('latin1'),
    );
    expect((await detail()).item).toMatchObject({ rating: 5, status: 'complete' });
    // The file is known as it is now: the next change needs no scan.
    expect((await patchItem({ rating: 4 })).status).toBe(204);
  });

  it('made in KoShelf reaches the file and Papyrus', async () => {
    const token = await server.claim();
    await patchItem({ rating: 1, status: 'abandoned' });
    expect(await book(token)).toMatchObject({ rating: 1, reading_status: 'abandoned' });
    expect(says().summary).toMatchObject({ rating: 1, status: 'abandoned' });
  });

  it('made on the device reaches both, also over what was said here before', async () => {
    const token = await server.claim();
    await patchItem({ rating: 5, status: 'complete' });
    device({
      summary: { status: 'reading', rating: 3, note: 'Again', modified: '2026-03-15' },
      annotations: [aHighlight(1, { note: 'From the sofa' })],
    });
    await server.rescan();
    expect(await book(token)).toMatchObject({ rating: 3, reading_status: 'in_progress' });
    const { item, highlights } = await detail();
    expect(item).toMatchObject({ rating: 3, status: 'reading', review_note: 'Again', annotation_count: 1 });
    expect(highlights!.map(({ note }) => note)).toEqual(['From the sofa']);
    expect(says().summary).toMatchObject({ rating: 3, status: 'reading' });
  });

  it('survives a restart between the saying and the writing', async () => {
    const token = await server.claim();
    await server.papyrus('PATCH', `/books/${id}`, { rating: 5 }, token);
    await server.restart();
    await server.settled();
    expect(says().summary).toMatchObject({ rating: 5 });
  });
});

describe('a locked library', () => {
  startEach(true);

  it('lets only who signed in change it', async () => {
    await server.restart({ koshelfPassword: 'correct horse' });
    const before = bytes();
    expect((await patchItem({ rating: 5 })).status).toBe(401);
    expect((await send('DELETE', `/items/${id}/annotations/x`)).status).toBe(401);
    expect(bytes()).toBe(before);
  });
});
