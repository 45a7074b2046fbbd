// What a person says in the app, told from what the app merely writes along: it writes rows and maps whole.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE_FILE } from '../../../server/catalogue/open.ts';
import { appRow } from '../../support/app-row.ts';
import { at } from '../../support/clock.ts';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { openDevice } from '../../support/stream-device.ts';
import type { Device, Row } from '../../support/stream-device.ts';

const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
let token: string;
const devices: Device[] = [];
beforeAll(async () => {
  server = await startTestServer({ clock, ports: { streamPace: { gatherMs: 10, quietMs: 200 } } });
  await server.claim();
});
afterEach(async () => {
  for (const device of devices.splice(0)) await device.close();
});
afterAll(() => server.close());

type Book = Record<string, unknown>;
const signIn = async (): Promise<string> => {
  const { email, password } = OWNER;
  const answer = await server.papyrus('POST', '/auth/login', { email, password });
  return (answer.json() as { access_token: string }).access_token;
};
const connected = async (as: string): Promise<Device> => {
  const device = await openDevice(server, as);
  devices.push(device);
  await device.connect();
  await device.db.waitForFirstSync();
  return device;
};
const ask = async (method: string, path: string, body?: unknown, as = token): Promise<Book> => {
  const answer = await server.papyrus(method, path, body, as);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
  return answer.json() as Book;
};
const create = async (body: Book = {}): Promise<string> =>
  String((await ask('POST', '/books', { title: 'A book', author: 'Ada', ...body }))['book_id']);
const get = (id: string) => ask('GET', `/books/${id}`);
const send = (op: string, id: string, data?: Book, as = token) =>
  server.papyrus('POST', '/sync/powersync-upload', { batch: [{ type: 'books', op, id, data }] }, as);
const patch = async (id: string, data: Book): Promise<Book> => {
  expect(await send('PATCH', id, data)).toMatchObject({ status: 200 });
  return get(id);
};
/** What no answer shows of a book. */
const columnsOf = (id: string): Book => {
  const db = new Database(join(server.dataDir, CATALOGUE_FILE), { readonly: true });
  try {
    const row = db
      .prepare('select published_on, authors, origins, version from books where book_id = ?')
      .get(id);
    return row as Book;
  } finally {
    db.close();
  }
};
const rowOf = async (device: Device, id: string): Promise<Row> =>
  (await device.until((rows) => rows.some((row) => row['id'] === id))).find((row) => row['id'] === id)!;
const says = (id: string, text: string) => (rows: Row[]) =>
  rows.some((row) => row['id'] === id && String(row['custom_metadata']).includes(text));
/** Changes the book in the app, which writes its row whole, and waits until the change was sent. */
const inApp = async (device: Device, id: string, change: Book): Promise<void> => {
  const row = appRow(await rowOf(device, id), change);
  const names = Object.keys(row).filter((name) => name !== 'id');
  const sent = device.sent.length;
  await device.run(`update books set ${names.map((name) => `${name} = ?`).join(', ')} where id = ?`, [
    ...names.map((name) => row[name]),
    id,
  ]);
  await expect.poll(() => device.sent.length).toBeGreaterThan(sent);
  await expect.poll(async () => (await device.db.getUploadQueueStats()).count).toBe(0);
};

beforeAll(async () => {
  token = await signIn();
});

describe('a whole map', () => {
  const whole = { is_physical: true };
  it.each<[string, Book, Book]>([
    ['who has the book', { lent_to: 'Ben' }, { lent_to: null, lent_at: null }],
    ['since when', { lent_to: 'Ben', lent_at: '2026-01-02T00:00:00Z' }, { lent_to: null, lent_at: null }],
    ['where it stands', { physical_location: 'Attic' }, { physical_location: null }],
    ['when it was published', { publication_date: '2001-02-03' }, { publication_date: null }],
    ['the own map', { custom_metadata: { shelf: 'B4' } }, { custom_metadata: {} }],
  ])('clears %s when it leaves it out', async (_, before, after) => {
    const id = await create(whole);
    await ask('PATCH', `/books/${id}`, before);
    const book = await patch(id, { custom_metadata: whole, co_authors: [] });
    for (const [name, value] of Object.entries(after)) expect([name, book[name]]).toEqual([name, value]);
  });

  it('clears the series and the number in it when it leaves them out', async () => {
    const { series_id } = await ask('POST', '/series', { name: 'Trilogy' });
    const id = await create({ ...whole, series_id, series_number: 2 });
    const after = await patch(id, { custom_metadata: whole });
    expect(after).toMatchObject({ series_id: null, series_number: null });
  });

  it('changes what it says, and leaves the rest when it is not whole or empty', async () => {
    const id = await create({ ...whole, physical_location: 'Attic', custom_metadata: { shelf: 'B4' } });
    const lent = {
      is_physical: true,
      physical_location: 'Attic',
      lent_to: 'Ben',
      custom_metadata: { shelf: 'B4' },
    };
    expect(await patch(id, { custom_metadata: lent })).toMatchObject({
      lent_to: 'Ben',
      physical_location: 'Attic',
    });
    expect(await patch(id, { custom_metadata: {} })).toMatchObject({
      lent_to: 'Ben',
      physical_location: 'Attic',
    });
    const partial = { custom_metadata: { shelf: 'C1' } };
    expect(await patch(id, { custom_metadata: partial })).toMatchObject({
      lent_to: 'Ben',
      physical_location: 'Attic',
      custom_metadata: { shelf: 'C1' },
    });
  });

  it('takes back nothing that somebody else said and the device was not told yet', async () => {
    const id = await create({ ...whole, page_count: 100, custom_metadata: { shelf: 'B4' } });
    const tablet = await connected(await signIn());
    const seen = await rowOf(tablet, id);
    await tablet.disconnect();
    clock.forward({ minutes: 1 });
    await ask('PATCH', `/books/${id}`, { lent_to: 'Ben', custom_metadata: { shelf: 'B4', colour: 'blue' } });
    await ask('PATCH', `/books/${id}`, { reading_status: 'paused', author: 'Cy' });
    // A page is turned on the way: the app writes the map it has.
    const own = { shelf: 'B4', reader_locator: 'epubcfi(/6/4)' };
    const turned = appRow(seen, { current_page: 7, current_position: 0.07, custom_metadata: own });
    await tablet.run(
      'update books set current_page = ?, current_position = ?, custom_metadata = ? where id = ?',
      [7, 0.07, turned['custom_metadata'], id],
    );
    await tablet.connect();
    await tablet.until(says(id, 'Ben'));
    expect(await get(id)).toMatchObject({
      lent_to: 'Ben',
      author: 'Cy',
      current_page: 7,
      custom_metadata: { shelf: 'B4', colour: 'blue', reader_locator: 'epubcfi(/6/4)' },
    });
    // Now it knows, and may.
    clock.forward({ minutes: 1 });
    await inApp(tablet, id, { lent_to: null, lent_at: null });
    expect(await get(id)).toMatchObject({ lent_to: null, lent_at: null });
  }, 30_000);

  it('of a device that is told again takes back what it was told, also after a restart', async () => {
    const id = await create(whole);
    const phone = await connected(await signIn());
    await rowOf(phone, id);
    clock.forward({ minutes: 2 });
    await ask('PATCH', `/books/${id}`, { lent_to: 'Ben' });
    await phone.until(says(id, 'Ben'));
    await phone.disconnect();
    clock.forward({ minutes: 2 });
    await server.restart();
    await ask('PATCH', `/books/${id}`, { physical_location: 'Attic' });
    await phone.connect();
    await phone.until(says(id, 'Attic'));
    await inApp(phone, id, { lent_to: null, lent_at: null });
    expect(await get(id)).toMatchObject({ lent_to: null, physical_location: 'Attic' });
  }, 30_000);
});

describe('a value that is as it was shown', () => {
  it('is no word: a star is all that a star changes', async () => {
    const phone = await connected(token);
    const id = randomUUID();
    await send('PUT', id, {
      title: 'Old',
      custom_metadata: { is_physical: false, publication_date: '1850' },
    });
    const before = { ...(await get(id)), ...columnsOf(id) };
    expect([before['published_on'], before['author'], before['last_read_at']]).toEqual(['1850', null, null]);
    clock.forward({ seconds: 1 });
    await inApp(phone, id, { is_favorite: 1 });
    expect({ ...(await get(id)), ...columnsOf(id) }).toEqual({
      ...before,
      is_favorite: true,
      version: expect.any(Number) as number,
      updated_at: expect.any(String) as string,
    });
  }, 30_000);

  it('says nothing of a series whose number is none, nor of its name', async () => {
    const phone = await connected(token);
    const { series_id } = await ask('POST', '/series', { name: 'Box' });
    const id = await create({ series_id, series_number: 1.5 });
    await rowOf(phone, id);
    const { origins } = columnsOf(id);
    await inApp(phone, id, { rating: 4 });
    expect(await get(id)).toMatchObject({ series_id, series_number: 1.5, rating: 4 });
    expect(JSON.parse(String(columnsOf(id)['origins']))).toEqual({
      ...(JSON.parse(String(origins)) as Book),
      rating: 'person',
    });
  }, 30_000);
});

describe('authors', () => {
  const both = { author: 'Ada', co_authors: ['Ben'] };
  it.each<[string, Book, Book]>([
    ['null clears the co-authors', { co_authors: null }, { author: 'Ada', co_authors: [] }],
    ['an empty list says nothing', { co_authors: [] }, both],
    ['no author moves nobody up', { author: null }, both],
    ['the word for no author moves nobody up', { author: 'Unknown Author' }, both],
    [
      'no author and no co-author is nobody',
      { author: null, co_authors: null },
      { author: null, co_authors: [] },
    ],
    ['another author keeps the others', { author: 'Cy' }, { author: 'Cy', co_authors: ['Ben'] }],
  ])('of a change: %s', async (_, change, after) => {
    expect(await patch(await create(both), change)).toMatchObject(after);
  });
});

describe('a book that was deleted elsewhere', () => {
  it('stays deleted, whatever a device that has not heard of it says', async () => {
    const id = await create();
    await server.papyrus('DELETE', `/books/${id}`, undefined, token);
    for (const [op, data] of [
      ['PATCH', { current_page: 12, current_position: 0.4, co_authors: [], custom_metadata: {} }],
      ['PUT', { title: 'A book' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await send(op, id, data);
      expect([answer.status, answer.json()]).toEqual([200, { applied_count: 0 }]);
      expect((await server.papyrus('GET', `/books/${id}`, undefined, token)).status).toBe(404);
    }
  });
});

describe('reading', () => {
  it('is not to import a book, nor to say how it stands', async () => {
    const id = randomUUID();
    const row = {
      title: 'New',
      reading_status: 'unread',
      current_position: 0,
      current_page: 0,
      current_cfi: null,
    };
    await send('PUT', id, { ...row, custom_metadata: { is_physical: false } });
    expect(await get(id)).toMatchObject({
      last_read_at: null,
      started_at: null,
      reading_status: 'not_started',
    });
    expect(await patch(id, { reading_status: 'completed' })).toMatchObject({
      reading_status: 'completed',
      last_read_at: null,
      completed_at: clock.now().toISOString(),
    });
  });

  it('is to be somewhere else, at the time the device says', async () => {
    const id = await create({ page_count: 200 });
    await ask('PUT', `/books/${id}/progress`, { current_page: 20 });
    const { last_read_at: read, current_position } = await get(id);
    clock.forward({ minutes: 20 });
    const same = { reading_status: 'inProgress', current_page: 20, current_position };
    expect(await patch(id, same)).toMatchObject({ last_read_at: read, current_page: 20 });
    const last = '2026-03-14T12:10:00.000';
    const map = { is_physical: false, started_at: read, last_read_at: last };
    expect(await patch(id, { current_page: 30, current_position: 0.15, custom_metadata: map })).toMatchObject(
      {
        current_page: 30,
        last_read_at: `${last}Z`,
        started_at: read,
      },
    );
    expect(await patch(id, { current_page: 31 })).toMatchObject({ last_read_at: clock.now().toISOString() });
  });

  it('is taken back by either word for a book that was not begun', async () => {
    for (const word of ['notStarted', 'unread']) {
      const id = await create();
      await ask('PATCH', `/books/${id}`, { reading_status: 'completed' });
      expect(await patch(id, { reading_status: word })).toMatchObject({ reading_status: 'not_started' });
    }
  });
});

describe('the file of a book that lies on a device alone', () => {
  const told = { file_format: 'epub', file_size: 12_345, file_hash: 'ab'.repeat(32) };
  const customOf = (row: Row) => JSON.parse(String(row['custom_metadata'])) as Book;

  it('is told to every device as the one that has it said, until a file is here', async () => {
    const phone = await connected(token);
    const id = randomUUID();
    await send('PUT', id, { title: 'On the phone', custom_metadata: { is_physical: false, ...told } });
    expect(customOf(await rowOf(phone, id))).toMatchObject(told);
    await inApp(phone, id, { rating: 3 });
    await phone.until((rows) => rows.some((row) => row['rating'] === 3));
    expect(customOf(await rowOf(phone, id))).toMatchObject(told);
    await inApp(phone, id, { file_format: null, file_size: null, file_hash: null });
    await phone.until((rows) => rows.some((row) => row['id'] === id && customOf(row)['file_hash'] === null));
  }, 30_000);

  it('goes before nothing that is here', async () => {
    const scanned = await create();
    const form = new FormData();
    form.set('book_id', scanned);
    form.set('kind', 'book_file');
    form.set('file', new Blob(['Once upon a time.']), 'tale.txt');
    const given = await fetch(`${server.url}/v1/media`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(given.status).toBe(201);
    await patch(scanned, { custom_metadata: { is_physical: false, ...told } });
    const phone = await connected(token);
    expect(customOf(await rowOf(phone, scanned))).toMatchObject({ file_format: 'txt', file_size: 17 });
  }, 30_000);
});
