import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openZip } from '../../support/open-zip.ts';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Row = Record<string, unknown>;
type Document = Row & Record<'books' | 'shelves' | 'tags' | 'notes' | 'files' | 'koreader_books', Row[]>;
type Report = { exported_at: string; sections: Record<string, Row> };

const clock = at('2026-03-14T12:00:00Z');
const sea = makeEpub({ title: 'Sea: "A/B"', authors: ['Ann'] });
const start = Date.parse('2026-03-10T20:00:00Z') / 1000;
const files = {
  'sea.epub': sea,
  'sea.sdr/metadata.epub.lua': makeSidecar({
    partial_md5_checksum: koreaderChecksum(sea),
    percent_finished: 0.42,
    stats: {},
    summary: { status: 'reading', modified: '2026-01-01' },
    annotations: [aHighlight(1), aHighlight(2, { note: 'Salt' }), aBookmark(3, { note: 'Here' })],
  }),
};
const statistics = {
  books: [{ title: 'Sea', authors: 'Ann', md5: koreaderChecksum(sea), pages: 100 }],
  reads: Array.from({ length: 30 }, (_, page) => [1, page + 1, start + page * 60, 60, 100] as const).map(
    ([...row]) => row as [number, number, number, number, number],
  ),
};

let full: TestServer;
let token: string;
let stranger: string;
let seaId: string;
let inkId: string;
let shelfId: string;
let smartId: string;
let tagId: string;
const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  full.papyrus(method, path, body, as);
const made = async <Made = Row>(path: string, body: object, as = token): Promise<Made> => {
  const answer = await ask('POST', path, body, as);
  expect([path, answer.status, answer.status < 300 ? '' : answer.text]).toEqual([path, answer.status, '']);
  return (answer.text === '' ? undefined : answer.json()) as Made;
};
const idOf = async (path: string, body: object, key: string): Promise<string> =>
  (await made(path, body))[key] as string;

beforeAll(async () => {
  full = await startTestServer({ clock, files, statistics });
  token = await full.claim();
  stranger = await full.signUp('stranger@example.org');
  const { books } = (await ask('GET', '/books')).json() as { books: { book_id: string }[] };
  seaId = books[0]!.book_id;
  const seriesId = await idOf('/series', { name: 'Waters', author: 'Ann', total_books: 3 }, 'series_id');
  inkId = await idOf('/books', { title: '=Ink', author: 'Öse', co_authors: ['B'], description: '<p>Hi <b>there</b></p>', series_id: seriesId, series_number: 2, is_physical: true, physical_location: 'Attic', custom_metadata: { reader_locator: { a: [1] } } }, 'book_id'); // prettier-ignore
  shelfId = await idOf('/shelves', { name: 'Top' }, 'shelf_id');
  const below = await idOf(
    '/shelves',
    { name: 'Below', parent_shelf_id: shelfId, color: '#112233' },
    'shelf_id',
  );
  smartId = await idOf('/shelves', { name: 'Clever', is_smart: true, smart_query: 'author:ann' }, 'shelf_id');
  tagId = await idOf('/tags', { name: 'fiction', color: '#445566' }, 'tag_id');
  await made(`/shelves/${below}/books`, { book_ids: [inkId, seaId] });
  await ask('PUT', `/books/${inkId}/tags`, { tag_ids: [tagId] });
  await made(`/books/${seaId}/annotations`, { selected_text: 'words', start_position: 'a', end_position: 'b', note: 'N', highlight_color: '#FFEB3B' }); // prettier-ignore
  await made(`/books/${inkId}/notes`, { title: 'On ink', content: 'Much\nto say ☂' });
  await made(`/books/${inkId}/bookmarks`, { position: 'epubcfi(/6/4)', title: 'Mark' });
  await made('/progress/sessions', { book_id: inkId, start_time: '2026-03-12T10:00:00Z', end_time: '2026-03-12T10:30:00Z', pages_read: 12 }); // prettier-ignore
  await made('/goals', {
    title: 'Ten',
    goal_type: 'books_count',
    target_value: 10,
    time_period: 'yearly',
    start_date: '2026-01-01',
    end_date: '2026-12-31',
  });
  await made('/saved-filters', { name: 'Unread', query: 'status:not_started', is_pinned: true });
  await made('/reading-profiles', { name: 'Night', font_size: 20 });
  clock.forward({ minutes: 5 });
  await ask('PATCH', `/books/${seaId}`, { rating: 4, title: 'The sea' });
  await ask('PUT', '/users/me/preferences', { theme: 'dark' });
});
afterAll(() => full.close());

const exported = async (body: object = {}, server = full, as = token): Promise<Document> => {
  const answer = await server.papyrus('POST', '/export/library', { format: 'json', ...body }, as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Document;
};
const taken = async (server: TestServer, document: string, as: string): Promise<Answer> =>
  server.get('/api/v1/import/library', {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    raw: document,
  });
const report = async (server: TestServer, document: object, as: string): Promise<Report> => {
  const answer = await taken(server, JSON.stringify(document), as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Report;
};
/** What two libraries have in common when one came from the other: not the bytes, not when they were written down. */
const comparable = ({ exported_at: _at, files: _files, account, ...rest }: Document) => ({
  ...rest,
  account: { ...(account as object), created_at: '' },
});
const refused = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];

describe('an exported library', () => {
  it('is the whole graph, the files by their checksums', async () => {
    const document = await exported();
    expect(document).toMatchObject({ format: 'papyrus-shelf-library', version: 1, is_whole: true });
    expect(document.account).toMatchObject({ display_name: 'Owner', preferences: { theme: 'dark' } });
    const sizes = Object.entries(document).filter(([, rows]) => Array.isArray(rows)).map(([name, rows]) => [name, (rows as Row[]).length]); // prettier-ignore
    expect(Object.fromEntries(sizes)).toEqual({
      series: 1, tags: 1, shelves: 6, saved_filters: 1, reading_profiles: 2, reading_goals: 1, goal_updates: 0, books: 2,
      book_checksums: 1, shelf_books: 2, book_tags: 1, annotations: 3, bookmarks: 2, removed_marks: 0, notes: 1,
      reading_sessions: 1, koreader_books: 1, files: 1,
    }); // prettier-ignore
    expect(document.koreader_books[0]!.page_reads).toHaveLength(30);
    expect(document.files[0]).toMatchObject({ book_id: seaId, name: 'sea.epub', format: 'epub', size_bytes: sea.length }); // prettier-ignore
    expect(JSON.stringify(document)).not.toMatch(/password|owner_id|refresh/);
  });

  it('comes back in an empty server as it was, ids, versions and moments too', async () => {
    const before = await exported();
    const empty = await startTestServer({ clock });
    try {
      const owner = await empty.claim();
      const { sections } = await report(empty, before, owner);
      expect(sections.books).toEqual({ added: 2, updated: 0, kept: 0, skipped: 0 });
      expect(Object.values(sections).map(({ skipped }) => skipped)).not.toContain(1);
      expect(comparable(await exported({}, empty, owner))).toEqual(comparable(before));
      const again = await report(empty, before, owner);
      expect(Object.values(again.sections).map(({ added, updated }) => [added, updated])).toEqual(
        Object.values(again.sections).map(() => [0, 0]),
      );
      expect(comparable(await exported({}, empty, owner))).toEqual(comparable(before));
      const statisticsOf = async (server: TestServer, as: string) =>
        (await server.papyrus('GET', '/progress/statistics?period=month', undefined, as)).json();
      expect(await statisticsOf(empty, owner)).toEqual(await statisticsOf(full, token));
      const search = await empty.papyrus('GET', '/books?search=ink', undefined, owner);
      expect(search.json()).toMatchObject({ books: [{ book_id: inkId }] });
    } finally {
      await empty.close();
    }
  });

  it("finds its books on a server that has the files already, and brings back a person's words", async () => {
    const before = await exported();
    const scanned = await startTestServer({ clock, files: { 'elsewhere/sea.epub': sea } });
    try {
      const owner = await scanned.claim();
      const { sections } = await report(scanned, before, owner);
      expect(sections.books).toMatchObject({ added: 1, updated: 1 });
      const { books } = (await scanned.papyrus('GET', '/books?sort=title', undefined, owner)).json() as { books: Row[] }; // prettier-ignore
      expect(books.map(({ title, rating }) => [title, rating])).toEqual([['=Ink', null], ['The sea', 4]]); // prettier-ignore
      const koshelf = await scanned.data<{ items: { title: string; rating: number }[] }>('/items');
      expect(koshelf.items.map(({ title, rating }) => [title, rating])).toEqual([['The sea', 4]]);
    } finally {
      await scanned.close();
    }
  });

  it('changes what is older here and keeps what is newer', async () => {
    const document = await exported();
    const as = await full.signUp('second@example.org');
    await report(full, document, as);
    const mine = await exported({}, full, as);
    // The same rows are the first person's already: the second one gets their own.
    expect(mine.books.map(({ book_id }) => book_id)).not.toContain(inkId);
    expect(mine.books.map(({ title }) => title as string).toSorted()).toEqual(['=Ink', 'The sea']);
    const [note] = mine.notes;
    const later = { ...note, title: 'Later', updated_at: '2026-04-01T00:00:00.000Z' };
    const earlier = { ...note, title: 'Earlier', updated_at: '2026-01-01T00:00:00.000Z' };
    expect((await report(full, { ...mine, notes: [earlier] }, as)).sections.notes).toMatchObject({ kept: 1 });
    expect((await report(full, { ...mine, notes: [later] }, as)).sections.notes).toMatchObject({
      updated: 1,
    });
    expect((await exported({}, full, as)).notes).toMatchObject([
      { title: 'Later', version: 2, updated_at: '2026-04-01T00:00:00.000Z' },
    ]);
    expect((await exported()).notes).toMatchObject([{ title: 'On ink', version: 1 }]);
  });

  it('can be a part: some books, or without what hangs on them', async () => {
    const tagged = await exported({ tag_ids: [tagId] });
    expect([tagged.books.map(({ book_id }) => book_id), tagged.is_whole]).toEqual([[inkId], false]);
    expect(tagged.shelves.map(({ name }) => name as string).toSorted()).toEqual(['Below', 'Top']);
    expect(tagged.annotations).toEqual([]);
    const smart = await exported({ shelf_ids: [smartId] });
    expect(smart.books.map(({ book_id }) => book_id)).toEqual([seaId]);
    expect(smart.shelves.map(({ name }) => name)).toContain('Clever');
    expect((await exported({ shelf_ids: [smartId], tag_ids: [tagId] })).books).toEqual([]);
    const bare = await exported({
      include_annotations: false,
      include_notes: false,
      include_progress: false,
    });
    expect([bare.annotations, bare.bookmarks, bare.notes, bare.koreader_books, bare.reading_sessions]).toEqual([[], [], [], [], []]); // prettier-ignore
    expect(Object.keys(bare.books[0]!)).not.toContain('status');
    const unbound = await exported({ include_books: false });
    expect([unbound.books, unbound.files, unbound.notes.length]).toEqual([[], [], 1]);
    const nobody = await full.signUp('nobody@example.org');
    expect((await report(full, unbound, nobody)).sections.notes).toEqual({ added: 0, updated: 0, kept: 0, skipped: 1 }); // prettier-ignore
  });

  it('is a table of books, in which nothing is a formula', async () => {
    const answer = await ask('POST', '/export/library', { format: 'csv' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    const [head, ink, second, end] = answer.text.split('\r\n');
    expect(head).toMatch(/^\uFEFFbook_id,title,subtitle,authors,/);
    expect(ink).toContain(`${inkId},'=Ink,,Öse; B,Waters,2,`);
    expect(ink).toContain('Below,fiction,not_started');
    expect([second?.includes('The sea'), end]).toEqual([true, '']);
  });

  it('is outlines of shelves with the books inside', async () => {
    const answer = await ask('POST', '/export/library', { format: 'opml' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/xml']);
    const text = answer.text.replace(/>\s+</g, '><');
    expect(text).toContain('<opml version="2.0">');
    expect(text).toContain(
      `text="Top"><outline type="shelf" text="Below"><outline type="book" text="=Ink" id="${inkId}"`,
    );
    expect(text).toMatch(/text="Clever" query="author:ann"><outline type="book" text="The sea"/);
  });

  it.each([
    ['books', {}],
    ['books', null],
    ['books', 'none'],
    ['annotations', 7],
    ['koreader_books', { md5: 'a' }],
    ['account', 'me'],
    ['account', ['me']],
    ['account', { preferences: [] }],
  ])('takes in no document whose "%s" is %j', async (section, value) => {
    const document = await exported();
    const answer = await taken(full, JSON.stringify({ ...document, [section]: value }), token);
    expect([
      answer.status,
      (answer.json() as Refusal).error.message.startsWith(`"${section}" of the document must be`),
    ]).toEqual([400, true]);
  });

  it("knows nobody else's shelves and tags, and nothing of people who are not signed in", async () => {
    expect(refused(await ask('POST', '/export/library', { format: 'json', shelf_ids: [shelfId] }, stranger))).toEqual([404, 'NOT_FOUND']); // prettier-ignore
    expect(refused(await ask('POST', '/export/library', { format: 'json', tag_ids: [tagId] }, stranger))).toEqual([404, 'NOT_FOUND']); // prettier-ignore
    expect((await exported({}, full, stranger)).books).toEqual([]);
    expect(refused(await ask('POST', '/export/library', { format: 'xlsx' }))).toEqual([400, 'VALIDATION_ERROR']); // prettier-ignore
    for (const path of ['/export/library', '/export/books', '/import/library'])
      expect(refused(await full.papyrus('POST', path, { format: 'json' }))).toEqual([401, 'UNAUTHORIZED']);
  });
});

describe('a library that is brought in', () => {
  const bring = async (document: string | object): Promise<Answer> => {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    return taken(full, text, stranger);
  };

  it.each([
    ['nothing', '', /not the JSON/],
    ['a list', '[]', /not the JSON/],
    ['cut half way', '{"format":"papyrus-shelf-library","version":1,"books":[{"book_id":', /not the JSON/],
    ['with words behind it', '{"format":"papyrus-shelf-library","version":1} more', /not the JSON/],
    ['of something else', '{"format":"opml","version":1}', /says something else/],
    ['of a later version', '{"format":"papyrus-shelf-library","version":2}', /newer Papyrus Shelf/],
    ['nested endlessly', `{"a":${'['.repeat(5_000)}`, /too deep/],
    [
      'with a wrong row',
      '{"format":"papyrus-shelf-library","version":1,"tags":[{"tag_id":7}]}',
      /Row 1 of "tags"/,
    ],
  ])('is refused when it is %s', async (_, text, why) => {
    const answer = await bring(text);
    expect(refused(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect((answer.json() as Refusal).error.message).toMatch(why);
  });

  it('is refused as a whole: a wrong last row leaves nothing of the first', async () => {
    const document = await exported();
    const wrong = { ...document, notes: [...document.notes, { ...document.notes[0], content: 7 }] };
    const answer = await bring(wrong);
    expect((answer.json() as Refusal).error).toMatchObject({
      message:
        'Row 2 of "notes" cannot be taken in: content Invalid input: expected string, received number.',
      details: { section: 'notes', row: 2 },
    });
    expect((await exported({}, full, stranger)).tags).toEqual([]);
  });

  it('is refused with a rating of six, a query that cannot be read, or shelves in a circle', async () => {
    const document = await exported();
    const top = document.shelves.find(({ name }) => name === 'Top')!;
    const below = document.shelves.find(({ name }) => name === 'Below')!;
    for (const change of [
      { books: [{ ...document.books[0], rating: 6 }] },
      { shelves: [{ ...document.shelves.find(({ name }) => name === 'Clever'), smart_query: 'a:(' }] },
      { shelves: [{ ...top, parent_shelf_id: below.shelf_id }, below] },
      { books: [{ ...document.books[0], title: 'NUL\0' }] },
    ])
      expect(refused(await bring({ ...document, ...change }))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('may be longer than other requests, not endless', async () => {
    const padding = `{"x":"${'y'.repeat(1000)}"},`.repeat(5_000);
    const long = `{"format":"papyrus-shelf-library","version":1,"unknown":[${padding}1]}`;
    expect((await bring(long)).status).toBe(200);
    const endless = `{"format":"papyrus-shelf-library","version":1,"unknown":[${padding.repeat(11)}1]}`;
    expect(refused(await bring(endless))).toEqual([413, 'FILE_TOO_LARGE']);
  });

  it('brings no script along', async () => {
    const document = await exported();
    const as = await full.signUp('scripts@example.org');
    const [book] = document.books;
    await report(
      full,
      { ...document, books: [{ ...book, description: '<p>ok</p><script>alert(1)</script>' }] },
      as,
    );
    expect((await exported({}, full, as)).books[0]!.description).toBe('<p>ok</p>');
  });
});

describe('an archive of books', () => {
  const archive = async (body: object = {}, as = token) => {
    const answer = await ask('POST', '/export/books', body, as);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/zip']);
    return openZip(answer.bytes);
  };

  it('has the files as they are, each with its description, and a manifest that names the others', async () => {
    const entries = await archive();
    expect([...entries.keys()].toSorted()).toEqual([
      'Ann - The sea.epub',
      'Ann - The sea.epub.json',
      'manifest.json',
    ]);
    expect(entries.get('Ann - The sea.epub')!.equals(sea)).toBe(true);
    expect(JSON.parse(entries.get('Ann - The sea.epub.json')!.toString())).toMatchObject({ book_id: seaId, rating: 4, shelves: ['Below'] }); // prettier-ignore
    const manifest = JSON.parse(entries.get('manifest.json')!.toString()) as { books: Row[] };
    expect(manifest.books.find(({ book_id }) => book_id === inkId)).toMatchObject({ files: [], missing: 'This book has no file on this server.' }); // prettier-ignore
    expect(manifest.books.find(({ book_id }) => book_id === seaId)).toMatchObject({ files: [{ name: 'Ann - The sea.epub', size_bytes: sea.length }], missing: null }); // prettier-ignore
  });

  it('lets go of each file once it is in', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`${index}.epub`, makeEpub({ title: `Book ${index}` })]),
    );
    const many = await startTestServer({ files });
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', note);
    try {
      const answer = await many.papyrus('POST', '/export/books', {}, await many.claim());
      expect((await openZip(answer.bytes)).size).toBe(25);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
      await many.close();
    }
  });

  it('can be some books, without descriptions; none is an empty archive with a manifest', async () => {
    expect([...(await archive({ book_ids: [seaId], include_metadata: false })).keys()]).toEqual(['Ann - The sea.epub', 'manifest.json']); // prettier-ignore
    expect([...(await archive({}, stranger)).keys()]).toEqual(['manifest.json']);
    expect(refused(await ask('POST', '/export/books', { book_ids: [seaId] }, stranger))).toEqual([404, 'NOT_FOUND']); // prettier-ignore
  });

  it('says which file is gone', async () => {
    const server = await startTestServer({ files: { 'a.epub': sea } });
    try {
      const as = await server.claim();
      rmSync(join(server.libraryDir, 'a.epub'));
      const answer = await server.papyrus('POST', '/export/books', {}, as);
      const manifest = JSON.parse((await openZip(answer.bytes)).get('manifest.json')!.toString()) as { books: Row[] }; // prettier-ignore
      expect(manifest.books).toMatchObject([
        { files: [], missing: 'A file of this book is not where it was.' },
      ]);
    } finally {
      await server.close();
    }
  });
});
