import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { createPool } from '../../../server/formats/workers/pool.ts';
import type { Pool } from '../../../server/formats/workers/pool.ts';
import { tableField, tablesOf, textField } from '../../../server/formats/koreader/lua-fields.ts';
import { readLua } from '../../../server/formats/koreader/lua.ts';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import { putFolder, selectFailures } from '../../../server/sources/sources.queries.ts';
import { writeSidecarWork } from '../../../server/koreader/write-sidecar.ts';
import { createJobs } from '../../../server/jobs/runner.ts';
import type { Jobs } from '../../../server/jobs/runner.ts';
import { takeInSidecar } from '../../../server/koreader/ingest-sidecar.ts';
import { createWriteback } from '../../../server/koreader/writeback.ts';
import type { Writeback } from '../../../server/koreader/writeback.ts';
import { createBooks } from '../../../server/library/books.ts';
import type { BookChange, Books } from '../../../server/library/books.ts';
import { changeBookmark } from '../../../server/marks/change-marks.ts';
import { createMarks } from '../../../server/marks/marks.ts';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';

type Content = Record<string, LuaContent | undefined>;

const MD5 = 'a'.repeat(32);
const BOOK: Content = {
  partial_md5_checksum: MD5,
  percent_finished: 0.5,
  stats: { highlights: 2, notes: 0 },
  summary: { status: 'reading', rating: 3, modified: '2026-01-01' },
  annotations: [aHighlight(1), aBookmark(2), aHighlight(3)],
};
const FIRST = 'Emma.sdr/metadata.epub.lua';

let root: string;
let shelf: Shelf;
let folderId: string;
let books: Books;
let jobs: Jobs;
let pool: Pool;
let writeback: Writeback;
let bookId: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'writeback-')));
  shelf = openShelf();
  const { catalogue, clock, events, ownerId } = shelf;
  folderId = shelf.write((db) =>
    putFolder(db, { folderId: 'folder', ownerId, path: Buffer.from(root), addedAt: clock.now() }),
  ).folderId;
  books = createBooks({ catalogue, clock });
  pool = createPool({ size: 1 });
  jobs = createJobs({ catalogue, clock, events, log: silentLog() });
  writeback = open(true);
  jobs.start([writeSidecarWork({ writeback })]);
  bookId = scan(device(FIRST, BOOK))!;
});
afterEach(async () => {
  await jobs.close();
  await pool.close();
  shelf.catalogue.close();
  rmSync(root, { recursive: true });
});

function open(enabled: boolean): Writeback {
  const { catalogue, clock, events } = shelf;
  return createWriteback({
    catalogue,
    clock,
    events,
    jobs,
    pool,
    log: silentLog(),
    zone: () => 'Asia/Tokyo',
    enabled: () => enabled,
  });
}

/** Writes a sidecar as a device would, some minutes before or after the clock. Returns its name. */
function device(name: string, content: Content | string, minutes = -60): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : makeSidecar(content));
  const time = shelf.clock.now().getTime() / 1000 + minutes * 60;
  utimesSync(path, time, time);
  return name;
}
const version = (name: string) => {
  const { size, mtimeMs } = statSync(join(root, name));
  return { sizeBytes: size, modifiedMs: Math.floor(mtimeMs) };
};
/** Takes a sidecar in as a scan would. */
function scan(name: string, seen = { ...version(name), bytes: readFileSync(join(root, name)) }) {
  const { bytes, ...place } = seen;
  const at = { ownerId: shelf.ownerId, folderId, path: Buffer.from(join(root, name)), ...place };
  return shelf.write((db) =>
    takeInSidecar(db, at, readSidecar(bytes), { now: shelf.clock.now(), zone: 'UTC' }),
  );
}
/** What the file says now. */
const says = (name = FIRST) => readSidecar(readFileSync(join(root, name)));
const person = (change: BookChange) => books.change(shelf.ownerId, bookId, change, 'phone');
const book = () => books.get(shelf.ownerId, bookId);
const sidecarId = (name = FIRST) =>
  String(
    shelf.row('select sidecar_id as id from koreader_sidecars where path = ?', Buffer.from(join(root, name)))
      .id,
  );
const deliver = (name = FIRST) => writeback.deliver(sidecarId(name));
const rowVersion = (name = FIRST) =>
  shelf.row(
    'select size_bytes as sizeBytes, modified_ms as modifiedMs from koreader_sidecars where path = ?',
    Buffer.from(join(root, name)),
  );
const waiting = () => jobs.list(shelf.ownerId).map(({ kind, subject }) => `${kind} ${subject}`);
const marks = () => createMarks({ catalogue: shelf.catalogue }).ofBook(bookId);
const markId = (n: number) => {
  const { highlights, bookmarks } = marks();
  const found = [
    ...highlights.map((row) => ({ ...row, id: row.annotationId })),
    ...bookmarks.map((row) => ({ ...row, id: row.bookmarkId })),
  ].find((row) => row.pageNumber === n);
  return found?.id ?? 'none';
};

describe('what a person said in Papyrus', () => {
  it('is written into the sidecar, nothing else is, and the catalogue knows the file it made', async () => {
    person({ rating: 5, status: 'completed' });
    await deliver();
    const { summary, ...rest } = says();
    expect(summary).toEqual({ rating: 5, status: 'complete', modified: '2026-03-14' });
    const { summary: _, ...before } = readSidecar(makeSidecar(BOOK));
    expect(rest).toEqual(before);
    expect(rowVersion()).toEqual(version(FIRST));
    expect(book()).toMatchObject({ rating: 5, status: 'completed', completedAt: shelf.clock.now() });
  });

  it('is dated in the zone of the server', async () => {
    shelf.clock.forward({ hours: 4 });
    person({ rating: 5 });
    await deliver();
    expect(says().summary?.modified).toBe('2026-03-15');
  });

  it.each([
    ['paused', 'complete', 'reading'],
    ['in_progress', 'complete', 'reading'],
    ['abandoned', 'complete', 'abandoned'],
    ['not_started', 'complete', undefined],
  ] as const)('says %s to KOReader as %s → %s, and stays what it is here', async (status, before, word) => {
    scan(device(FIRST, { ...BOOK, summary: { status: before } }, -50));
    person({ status });
    await deliver();
    expect(says().summary?.status).toBe(word);
    scan(FIRST);
    expect(book().status).toBe(status);
    expect(shelf.rows('select * from jobs where state <> ?', 'done')).toEqual([]);
  });

  it('takes a rating away', async () => {
    person({ rating: null });
    await deliver();
    expect(says().summary).toEqual({ status: 'reading', modified: '2026-03-14' });
  });

  it('leaves a file alone that says the same already', async () => {
    person({ rating: 3, status: 'paused' });
    const before = version(FIRST);
    await deliver();
    expect(version(FIRST)).toEqual(before);
  });

  it('takes a book without a status that was begun for one being read, as KOReader does', async () => {
    scan(device(FIRST, { ...BOOK, summary: { rating: 3 } }, -50));
    person({ status: 'paused' });
    const before = version(FIRST);
    await deliver();
    expect([version(FIRST), book().status]).toEqual([before, 'paused']);
    scan(device(FIRST, { ...BOOK, percent_finished: 0, summary: { rating: 3 } }, -40));
    person({ status: 'in_progress' });
    await deliver();
    expect(says().summary?.status).toBe('reading');
  });

  it('opens no file when writeback is off', async () => {
    person({ rating: 5 });
    const before = version(FIRST);
    const off = open(false);
    await off.deliver(sidecarId());
    off.catchUp();
    await expect(off.changeItem(shelf.ownerId, bookId, { rating: 4 })).rejects.toMatchObject({
      kind: 'not_found',
    });
    await expect(off.removeMark(shelf.ownerId, bookId, markId(1))).rejects.toMatchObject({
      kind: 'not_found',
    });
    expect([version(FIRST), waiting()]).toEqual([before, []]);
  });

  it('is written by a job as soon as it is said, once', async () => {
    const stop = writeback.follow();
    person({ rating: 4 });
    person({ rating: 5 });
    expect(waiting()).toEqual([`write-sidecar ${book().title}`]);
    await jobs.settled();
    expect(says().summary?.rating).toBe(5);
    stop();
    person({ rating: 1 });
    expect(waiting()).toHaveLength(1);
  });

  it('is no reason for a job when the sidecar says it, or the device said it', async () => {
    const stop = writeback.follow();
    person({ rating: 3 });
    person({ title: 'Another' });
    scan(device(FIRST, { ...BOOK, summary: { rating: 1, status: 'complete' } }, 5));
    stop();
    expect(waiting()).toEqual([]);
  });

  it('is caught up with when it was said while nobody listened', async () => {
    person({ rating: 4 });
    writeback.catchUp();
    await jobs.settled();
    expect(says().summary?.rating).toBe(4);
    writeback.catchUp();
    expect(waiting()).toHaveLength(1);
  });

  it('goes to the newest of several sidecars', async () => {
    scan(device('other/Emma.sdr/metadata.epub.lua', BOOK, -30));
    person({ rating: 5 });
    writeback.catchUp();
    await jobs.settled();
    expect([says('other/Emma.sdr/metadata.epub.lua').summary?.rating, says().summary?.rating]).toEqual([
      5, 3,
    ]);
  });

  it('is kept when the file cannot be read, which is left as it is', async () => {
    person({ rating: 5 });
    device(FIRST, 'return { broken', 1);
    await expect(deliver()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(readFileSync(join(root, FIRST), 'utf8')).toBe('return { broken');
    expect(book().rating).toBe(5);
  });
});

describe('a sidecar KOReader could not open again', () => {
  // As KOReader writes such numbers: it deletes the file when the book is opened next.
  const broken = () =>
    makeSidecar({ ...BOOK, copt_font_size: 22 }).toString().replace('["copt_font_size"] = 22', '["copt_font_size"] = -inf'); // prettier-ignore
  const reasons = () =>
    shelf.catalogue.read((db) => selectFailures(db, shelf.ownerId, 9)).map(({ reason }) => reason);

  it('is written anew without what it fails at, with everything else in it', async () => {
    scan(device(FIRST, broken(), -50));
    expect(reasons()).toEqual(['fails_in_koreader']);
    writeback.catchUp();
    await jobs.settled();
    expect(readFileSync(join(root, FIRST))).toEqual(makeSidecar(BOOK));
    expect([reasons(), rowVersion()]).toEqual([[], version(FIRST)]);
    writeback.catchUp();
    expect(waiting()).toHaveLength(1);
  });

  it('is mended by any change of it', async () => {
    scan(device(FIRST, broken(), -50));
    await writeback.changeMark(shelf.ownerId, bookId, markId(1), { note: 'Mine' });
    expect(readLua(readFileSync(join(root, FIRST)))).not.toHaveProperty('fails');
    expect(reasons()).toEqual([]);
  });

  it('is left alone, and named in the desk, when writeback is off', async () => {
    scan(device(FIRST, broken(), -50));
    const before = version(FIRST);
    open(false).catchUp();
    await open(false).deliver(sidecarId());
    expect([version(FIRST), waiting(), reasons()]).toEqual([before, [], ['fails_in_koreader']]);
    expect(books.counts(shelf.ownerId).failures).toBe(1);
  });
});

describe('a device that changed the sidecar meanwhile', () => {
  const changed = (summary: Content): Content => ({
    ...BOOK,
    percent_finished: 0.9,
    annotations: [aHighlight(1), aHighlight(7)],
    summary,
  });

  it('keeps everything it changed beside what the person said', async () => {
    person({ rating: 5 });
    device(FIRST, changed({ status: 'complete', rating: 3, note: 'Mine', modified: '2026-03-14' }), 5);
    await deliver();
    expect(says()).toMatchObject({
      percentFinished: 0.9,
      summary: { rating: 5, status: 'complete', note: 'Mine' },
    });
    expect(book()).toMatchObject({ rating: 5, status: 'completed', reviewNote: 'Mine', progress: 0.9 });
    expect(marks().highlights.map(({ pageNumber }) => pageNumber)).toEqual([1, 7]);
    expect(rowVersion()).toEqual(version(FIRST));
  });

  it('is right where both changed the same and it was later', async () => {
    person({ rating: 5, status: 'abandoned' });
    device(FIRST, changed({ status: 'reading', rating: 1 }), 5);
    await deliver();
    expect(says().summary).toMatchObject({ rating: 1, status: 'abandoned' });
    expect(book()).toMatchObject({ rating: 1, status: 'abandoned' });
  });

  it('is taken over at once where nothing is left to write', async () => {
    person({ rating: 5 });
    device(FIRST, changed({ status: 'reading', rating: 1 }), 5);
    const before = version(FIRST);
    await deliver();
    expect(version(FIRST)).toEqual(before);
    expect(book()).toMatchObject({ rating: 1, progress: 0.9 });
    expect(rowVersion()).toEqual(before);
  });

  it('gives way where both changed the same and the person was later', async () => {
    shelf.clock.forward({ minutes: 10 });
    person({ rating: 5 });
    device(FIRST, changed({ status: 'complete', rating: 1 }), -5);
    await deliver();
    expect(says().summary).toMatchObject({ rating: 5, status: 'complete' });
    expect(book()).toMatchObject({ rating: 5, status: 'completed' });
  });

  it('takes nothing away by a copy from before: what was said is written again', async () => {
    person({ rating: 5, status: 'completed' });
    await deliver();
    // File sync puts the device's own file over ours: it was read on there, and never saw the change.
    scan(device(FIRST, { ...BOOK, percent_finished: 0.7 }, 30));
    expect(book()).toMatchObject({ rating: 5, status: 'completed', progress: 0.7 });
    await deliver();
    expect(says()).toMatchObject({ percentFinished: 0.7, summary: { rating: 5, status: 'complete' } });
  });

  it('is dated when the person said it, however often it is written again', async () => {
    const said = () => says().annotations[0];
    await writeback.changeMark(shelf.ownerId, bookId, markId(1), { note: 'Mine', color: 'blue' });
    expect(said()).toMatchObject({ note: 'Mine', datetimeUpdated: '2026-03-14 21:00:00' });
    shelf.clock.forward({ days: 1 });
    scan(device(FIRST, { ...BOOK, percent_finished: 0.7 }, 30));
    await deliver();
    expect(said()).toMatchObject({ note: 'Mine', color: 'blue', datetimeUpdated: '2026-03-14 21:00:00' });
  });

  it('is not undone by a scan that had read the file just before it was written', async () => {
    const seen = { ...version(FIRST), bytes: readFileSync(join(root, FIRST)) };
    await writeback.changeItem(shelf.ownerId, bookId, { rating: 5 });
    scan(FIRST, seen);
    expect(book().rating).toBe(5);
    expect(rowVersion()).toEqual(version(FIRST));
  });
});

describe('a change through the KoShelf API', () => {
  it('is in the file and in the catalogue when it returns, and no job follows', async () => {
    const stop = writeback.follow();
    await writeback.changeItem(shelf.ownerId, bookId, {
      rating: 4,
      reviewNote: 'Lovely.',
      status: 'complete',
    });
    expect(says().summary).toEqual({
      rating: 4,
      note: 'Lovely.',
      status: 'complete',
      modified: '2026-03-14',
    });
    expect(book()).toMatchObject({ rating: 4, reviewNote: 'Lovely.', status: 'completed' });
    scan(FIRST);
    expect(book()).toMatchObject({ rating: 4, reviewNote: 'Lovely.', status: 'completed' });
    stop();
    expect(waiting()).toEqual([]);
  });

  it('works again and again without a scan between', async () => {
    for (const rating of [1, 0, 5, null, 2]) {
      await writeback.changeItem(shelf.ownerId, bookId, { rating });
      expect([says().summary?.rating, book().rating]).toEqual([rating || undefined, rating || null]);
    }
  });

  it('is the last word over one said before that was not written yet', async () => {
    person({ rating: 1 });
    await writeback.changeItem(shelf.ownerId, bookId, { rating: 3 });
    await deliver();
    expect([says().summary?.rating, book().rating]).toEqual([3, 3]);
  });

  it('lets the device speak again afterwards', async () => {
    await writeback.changeItem(shelf.ownerId, bookId, { rating: 4 });
    scan(device(FIRST, { ...BOOK, summary: { rating: 2, modified: '2026-03-14' } }, 30));
    expect(book().rating).toBe(2);
  });

  it('is refused as stale, and changes nothing, when the device wrote meanwhile', async () => {
    device(FIRST, { ...BOOK, percent_finished: 0.9 }, 5);
    const before = version(FIRST);
    const stale = { kind: 'stale' };
    const { ownerId } = shelf;
    await expect(writeback.changeItem(ownerId, bookId, { rating: 4 })).rejects.toMatchObject(stale);
    await expect(writeback.changeMark(ownerId, bookId, markId(1), {})).rejects.toMatchObject(stale);
    await expect(writeback.removeMark(ownerId, bookId, markId(1))).rejects.toMatchObject(stale);
    expect([version(FIRST), book().rating, marks().highlights.length]).toEqual([before, 3, 2]);
    scan(FIRST);
    await writeback.changeItem(ownerId, bookId, { rating: 4 });
    expect(says()).toMatchObject({ percentFinished: 0.9, summary: { rating: 4 } });
  });

  it('changes a mark where it is now in the file, under the id it keeps', async () => {
    const id = markId(3);
    await writeback.removeMark(shelf.ownerId, bookId, markId(1));
    await writeback.changeMark(shelf.ownerId, bookId, id, { note: 'Mine', color: 'blue' });
    expect(says().annotations.map(({ pageNumber, note }) => [pageNumber, note])).toEqual([
      [2, undefined],
      [3, 'Mine'],
    ]);
    expect(marks().highlights).toMatchObject([
      { annotationId: id, note: 'Mine', color: 'blue', deviceDatetimeUpdated: '2026-03-14 21:00:00' },
    ]);
  });

  it('makes a bookmark with a drawer a highlight of the same id', async () => {
    const id = markId(2);
    await writeback.changeMark(shelf.ownerId, bookId, id, { drawer: 'underscore' });
    expect(marks().bookmarks).toEqual([]);
    expect(marks().highlights.map(({ annotationId }) => annotationId)).toContain(id);
  });

  it('removes a mark from every sidecar that has it, so that none brings it back', async () => {
    const other = device('other/Emma.sdr/metadata.epub.lua', BOOK, -30);
    scan(other);
    const id = markId(1);
    await writeback.removeMark(shelf.ownerId, bookId, id);
    expect(
      [says(), says(other)].map(({ annotations }) => annotations.map(({ pageNumber }) => pageNumber)),
    ).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(markId(1)).toBe('none');
    await expect(writeback.removeMark(shelf.ownerId, bookId, id)).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('changes and removes a mark where KOReader put it aside for its other engine', async () => {
    const used = [{ page: 3, drawer: 'lighten', datetime: '2026-01-01 10:00:00', text: 'Used', pageno: 30 }];
    scan(device(FIRST, { ...BOOK, annotations: used, annotations_rolling: BOOK.annotations }, -50));
    await writeback.changeMark(shelf.ownerId, bookId, markId(3), { note: 'Mine' });
    await writeback.removeMark(shelf.ownerId, bookId, markId(1));
    const { table } = readLua(readFileSync(join(root, FIRST)));
    const textsOf = (list: string) =>
      tablesOf(tableField(table, list)).map((item) => [textField(item, 'text'), textField(item, 'note')]);
    expect(textsOf('annotations')).toEqual([['Used', undefined]]);
    expect(textsOf('annotations_rolling')).toEqual([
      ['in One', undefined],
      ['Line 3', 'Mine'],
    ]);
    // KOReader counts those in use.
    expect(says().stats).toMatchObject({ highlights: 2, notes: 0 });
    expect(marks().highlights.map(({ text, note }) => [text, note])).toEqual([
      ['Used', null],
      ['Line 3', 'Mine'],
    ]);
  });

  it('leaves what an old KOReader put aside alone, beside marks that can be changed', async () => {
    const old = [{ page: '/body/p[9].0', datetime: '2020-01-01 10:00:00', notes: 'in Nine' }];
    scan(device(FIRST, { ...BOOK, bookmarks_rolling: old }, -50));
    const id = marks().bookmarks.find(({ text }) => text === 'in Nine')!.bookmarkId;
    await expect(writeback.changeMark(shelf.ownerId, bookId, id, { note: 'Mine' })).rejects.toMatchObject({
      kind: 'conflict',
    });
    shelf.write((db) => changeBookmark(db, shelf.ownerId, id, { note: 'Mine' }, { now: shelf.clock.now() }));
    await deliver();
    expect(marks().bookmarks.map(({ note }) => note)).toEqual([null, 'Mine']);
  });

  it('leaves highlights of an old KOReader alone and says what to do', async () => {
    const highlight = { datetime: '2020-01-01 10:00:00', notes: 'A line', highlighted: true, page: 3 };
    scan(device(FIRST, { partial_md5_checksum: MD5, percent_finished: 0.1, bookmarks: [highlight] }, 5));
    const before = version(FIRST);
    const [mark] = marks().highlights;
    await expect(writeback.removeMark(shelf.ownerId, bookId, mark!.annotationId)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('Open it once') as string,
    });
    expect([version(FIRST), marks().highlights]).toEqual([before, [mark]]);
  });

  it('knows no book of somebody else, none without a sidecar, and no mark of another book', async () => {
    const { ownerId, clock } = shelf;
    const missing = { kind: 'not_found' };
    const { bookId: paper } = createBooks({ catalogue: shelf.catalogue, clock }).create(ownerId, {
      title: 'Paper',
      authors: [],
    });
    await expect(writeback.changeItem('nobody', bookId, {})).rejects.toMatchObject(missing);
    await expect(writeback.changeItem(ownerId, paper, {})).rejects.toMatchObject(missing);
    await expect(writeback.changeMark(ownerId, bookId, 'none', {})).rejects.toMatchObject(missing);
    await expect(writeback.removeMark(ownerId, paper, markId(1))).rejects.toMatchObject(missing);
  });

  it.each<[string, () => Promise<void>]>([
    ['a note', () => writeback.changeMark(shelf.ownerId, bookId, markId(1), { note: 'Mine' })],
    ['no note', () => writeback.changeMark(shelf.ownerId, bookId, markId(3), { note: null })],
    ['a colour', () => writeback.changeMark(shelf.ownerId, bookId, markId(3), { color: 'blue' })],
    ['a bookmark', () => writeback.changeMark(shelf.ownerId, bookId, markId(2), { note: 'Here' })],
    ['a drawer', () => writeback.changeMark(shelf.ownerId, bookId, markId(2), { drawer: 'invert' })],
    ['a rating', () => writeback.changeItem(shelf.ownerId, bookId, { rating: 5, status: 'complete' })],
    ['a removal', () => writeback.removeMark(shelf.ownerId, bookId, markId(1))],
  ])('knows of the file what a scan of it would know: %s', async (_, change) => {
    await change();
    const known = () => [
      shelf.rows('select * from koreader_sidecars'),
      shelf.rows('select * from annotations order by koreader_key'),
      shelf.rows('select * from bookmarks order by koreader_key'),
      shelf.rows('select * from books'),
    ];
    const after = known();
    expect(rowVersion()).toEqual(version(FIRST));
    scan(FIRST);
    const untimed = (rows: unknown) =>
      JSON.parse(JSON.stringify(rows).replaceAll(/"read_at":\d+/g, '"read_at":0'));
    expect(untimed(known())).toEqual(untimed(after));
  });

  it('edits a large sidecar in a worker, with the same result', async () => {
    const annotations = Array.from({ length: 600 }, (_, index) =>
      aHighlight(index + 1, { datetime: `2024-01-01 10:00:00`, text: 'word '.repeat(60) }),
    );
    scan(device(FIRST, { ...BOOK, annotations }, 5));
    expect(version(FIRST).sizeBytes).toBeGreaterThan(200_000);
    await writeback.removeMark(shelf.ownerId, bookId, markId(300));
    expect(says().annotations).toHaveLength(599);
    person({ rating: 5 });
    device(FIRST, { ...BOOK, annotations, percent_finished: 0.8 }, 120);
    await deliver();
    expect(says()).toMatchObject({ percentFinished: 0.8, summary: { rating: 5 } });
  });
});
