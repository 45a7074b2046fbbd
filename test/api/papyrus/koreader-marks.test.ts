import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import type { SidecarAnnotation } from '../../../server/formats/koreader/sidecar.ts';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';
import { koreaderChecksum, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import type { ItemAnswer } from '../koshelf/shelf.ts';

type Mark = Record<string, unknown> & { annotation_id: string; bookmark_id: string; selected_text: string };

const SIDECAR = 'sea.sdr/metadata.epub.lua';
const sea = makeEpub({ title: 'Sea', authors: ['Ann'] });
const marks = [aHighlight(1), aHighlight(2, { note: 'Salt' }), aBookmark(3, { note: 'Here' })];
const contentOf = (annotations: LuaContent[]) => ({
  partial_md5_checksum: koreaderChecksum(sea),
  percent_finished: 0.42,
  stats: { highlights: 1, notes: 1 },
  summary: { status: 'reading', modified: '2026-01-01' },
  annotations,
});
const files = { 'sea.epub': sea, [SIDECAR]: makeSidecar(contentOf(marks)) };

let server: TestServer;
let token: string;
let bookId: string;
const start = async (writeback: boolean): Promise<void> => {
  server = await startTestServer({ clock: at('2026-03-14T20:30:00Z'), options: { writeback }, files });
  token = await server.claim();
  const { books } = await ok<{ books: { book_id: string }[] }>('GET', '/books');
  bookId = books[0]!.book_id;
};
const startEach = (writeback: boolean): void => {
  beforeEach(() => start(writeback));
  afterEach(() => server.close());
};

/** Starts the server anew; tokens are not good for longer than a process. */
const restart = async (writeback: boolean): Promise<void> => {
  await server.restart({ writeback });
  await server.settled();
  const { email, password } = OWNER;
  const answer = await server.papyrus('POST', '/auth/login', { email, password });
  token = (answer.json() as { access_token: string }).access_token;
};

const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
  server.papyrus(method, path, body, token);
const ok = async <Data>(method: string, path: string, body?: unknown): Promise<Data> => {
  const answer = await ask(method, path, body);
  expect([answer.status, answer.status < 300 ? '' : answer.text]).toEqual([answer.status, '']);
  return (answer.text === '' ? undefined : answer.json()) as Data;
};
const highlights = async (): Promise<Mark[]> =>
  (await ok<{ annotations: Mark[] }>('GET', `/books/${bookId}/annotations`)).annotations;
const bookmarks = async (): Promise<Mark[]> =>
  (await ok<{ bookmarks: Mark[] }>('GET', `/books/${bookId}/bookmarks`)).bookmarks;
const patch = (mark: Mark | undefined, change: object): Promise<Mark> =>
  ok<Mark>('PATCH', `/annotations/${mark!.annotation_id}`, change);
const detail = (): Promise<ItemAnswer> => server.data<ItemAnswer>(`/items/${bookId}?include=all`);
const says = () => readSidecar(readFileSync(join(server.libraryDir, SIDECAR)));
const inFile = (text: string): SidecarAnnotation | undefined =>
  says().annotations.find((each) => each.text === text);
const bytes = (): string => readFileSync(join(server.libraryDir, SIDECAR), 'latin1');
/** The device writes its file anew, later than all that was said here. */
const write = (annotations: LuaContent[]): void =>
  server.put({ [SIDECAR]: makeSidecar(contentOf(annotations)) }, '2026-03-15T00:00:00Z');
const device = async (annotations: LuaContent[]): Promise<void> => {
  write(annotations);
  await server.rescan();
};

describe("a person's word on a mark of KOReader's, with writeback", () => {
  startEach(true);

  it('is in the file at once and seen through both faces; the exact colour stays theirs', async () => {
    const [first] = await highlights();
    const changed = await patch(first, { note: 'Foam', highlight_color: '#E91E63' });
    expect(changed).toMatchObject({
      annotation_id: first!.annotation_id,
      note: 'Foam',
      highlight_color: '#E91E63',
      start_position: '/body/p[1].0',
      end_position: '/body/p[1].9',
    });
    expect(inFile('Line 1')).toMatchObject({
      note: 'Foam',
      color: 'red',
      drawer: 'lighten',
      datetimeUpdated: '2026-03-14 20:30:00',
      startPosition: '/body/p[1].0',
    });
    expect(says().stats).toMatchObject({ highlights: 0, notes: 2 });
    const shown = (await detail()).highlights!.find((each) => each.id === first!.annotation_id);
    expect(shown).toMatchObject({ note: 'Foam', color: 'red' });
    await server.settled();
    const written = bytes();
    await server.rescan();
    expect((await highlights())[0]).toMatchObject({ note: 'Foam', highlight_color: '#E91E63' });
    expect(bytes()).toBe(written);
  });

  it('is gone from the file when they removed the mark, and a device that still has it brings it not back', async () => {
    const [first] = await highlights();
    const [place] = await bookmarks();
    await ok('DELETE', `/annotations/${first!.annotation_id}`);
    await ok('DELETE', `/bookmarks/${place!.bookmark_id}`);
    expect(says().annotations.map((each) => each.text)).toEqual(['Line 2']);
    expect((await detail()).item.annotation_count).toBe(1);
    await device([...marks, aHighlight(4)]);
    expect((await highlights()).map((mark) => mark.selected_text)).toEqual(['Line 2', 'Line 4']);
    expect(await bookmarks()).toEqual([]);
    expect(says().annotations.map((each) => each.text)).toEqual(['Line 2', 'Line 4']);
  });

  it('is 409 and changes nothing when the file is not as it was read; after a scan it counts', async () => {
    const [first, second] = await highlights();
    write([...marks, aHighlight(4)]);
    const written = bytes();
    for (const [method, body] of [['PATCH', { note: 'Late' }], ['DELETE']] as [string, object?][]) {
      const answer = await ask(method, `/annotations/${first!.annotation_id}`, body);
      expect([answer.status, (answer.json() as Refusal).error.code]).toEqual([409, 'CONFLICT']);
    }
    expect(bytes()).toBe(written);
    expect(await highlights()).toEqual([first, second]);
    await server.rescan();
    expect(await patch(first, { note: 'Late' })).toMatchObject({ note: 'Late' });
    expect(inFile('Line 1')).toMatchObject({ note: 'Late' });
  });

  it('gives way to what the device says later', async () => {
    const [first] = await highlights();
    await patch(first, { note: 'Mine', highlight_color: '#E91E63' });
    await device([aHighlight(1, { note: 'Theirs', color: 'blue' }), marks[1]!, marks[2]!]);
    expect((await highlights())[0]).toMatchObject({ note: 'Theirs', highlight_color: '#0066FF' });
  });

  it('gives way to what is said through the other face later', async () => {
    const [first] = await highlights();
    await patch(first, { highlight_color: '#E91E63' });
    const path = `/items/${bookId}/annotations/${first!.annotation_id}`;
    const answer = await server.koshelf(path, { method: 'PATCH', body: { color: 'green', note: 'N' } });
    expect(answer.status).toBe(204);
    expect((await highlights())[0]).toMatchObject({ note: 'N', highlight_color: '#00AA66' });
  });

  it('on a bookmark puts the note into the file; the colour KOReader has none of stays here', async () => {
    const [place] = await bookmarks();
    const change = { note: 'There', color: '#112233' };
    const changed = await ok<Mark>('PATCH', `/bookmarks/${place!.bookmark_id}`, change);
    expect(changed).toEqual({ ...place, ...change });
    await server.settled();
    expect(says().annotations[2]).toMatchObject({ note: 'There' });
    expect(says().annotations[2]).not.toHaveProperty('color');
    await device([...marks.slice(0, 2), aBookmark(3, { note: 'Elsewhere' })]);
    expect(await bookmarks()).toEqual([{ ...place, note: 'Elsewhere', color: '#112233' }]);
  });

  it('leaves marks made here out of the file', async () => {
    const written = bytes();
    const body = { selected_text: 'Own', start_position: 'a', end_position: 'b' };
    const own = await ok<Mark>('POST', `/books/${bookId}/annotations`, body);
    await patch(own, { note: 'N', highlight_color: '#2196F3' });
    await server.settled();
    expect(bytes()).toBe(written);
    const shown = (await detail()).highlights!.find((each) => each.id === own.annotation_id);
    expect(shown).toMatchObject({ text: 'Own', note: 'N', color: 'blue', pos0: 'a', pos1: 'b' });
    await server.rescan();
    await ok('DELETE', `/annotations/${own.annotation_id}`);
    expect(await highlights()).toHaveLength(2);
  });
});

describe("a person's word on a mark of KOReader's, without writeback", () => {
  startEach(false);

  it('outlives rescans and restarts, and no file is touched', async () => {
    const written = bytes();
    const [first, second] = await highlights();
    const [place] = await bookmarks();
    await patch(first, { note: 'Mine', highlight_color: '#2196F3' });
    await patch(second, { note: null });
    await ok('DELETE', `/bookmarks/${place!.bookmark_id}`);
    const mine = await highlights();
    await restart(false);
    await server.rescan();
    expect(bytes()).toBe(written);
    expect(await highlights()).toEqual(mine);
    expect(mine.map((mark) => [mark['note'], mark['highlight_color']])).toEqual([
      ['Mine', '#2196F3'],
      [null, '#FFFF33'],
    ]);
    // The device goes on: a new mark, the old ones as they were.
    await device([...marks, aHighlight(5)]);
    expect((await highlights()).map((mark) => [mark.selected_text, mark['note']])).toEqual([
      ['Line 1', 'Mine'],
      ['Line 2', null],
      ['Line 5', null],
    ]);
    expect(await bookmarks()).toEqual([]);
  });

  it('gives way in a field the device says something new in', async () => {
    const [first] = await highlights();
    await patch(first, { note: 'Mine', highlight_color: '#2196F3' });
    await device([aHighlight(1, { note: 'Theirs' }), marks[1]!, marks[2]!]);
    expect((await highlights())[0]).toMatchObject({ note: 'Theirs', highlight_color: '#2196F3' });
  });

  it('is no longer over anything when they take it back', async () => {
    const [, second] = await highlights();
    await patch(second, { note: 'Sugar' });
    await patch(second, { note: 'Salt' });
    await device([marks[0]!, aHighlight(2, { note: 'Pepper' }), marks[2]!]);
    expect((await highlights())[1]).toMatchObject({ note: 'Pepper' });
  });

  it('goes into the file when writeback is switched on, but for what the device said meanwhile', async () => {
    const [first, second] = await highlights();
    await patch(first, { note: 'Mine', highlight_color: '#2196F3' });
    await patch(second, { note: 'Mine too' });
    await ok('DELETE', `/bookmarks/${(await bookmarks())[0]!.bookmark_id}`);
    write([marks[0]!, aHighlight(2, { note: 'Pepper' }), marks[2]!]);
    await restart(true);
    expect(says().annotations.map((each) => [each.text, each.note, each.color])).toEqual([
      ['Line 1', 'Mine', 'blue'],
      ['Line 2', 'Pepper', 'yellow'],
    ]);
    expect((await highlights())[0]).toMatchObject({ note: 'Mine', highlight_color: '#2196F3' });
  });
});
