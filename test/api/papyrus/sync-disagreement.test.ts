// Who is right when the person said who shall be, things of one name made apart, and files that come with a push.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import { formOf } from '../../support/form.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Data = Record<string, unknown>;
type Change = { entity_type: string; entity_id: string; operation: string; data: Data; version: number };
type Pushed = { accepted: { entity_id: string; new_version: number }[]; rejected: Data[] };

const EVERYTHING = '1970-01-01T00:00:00Z';
const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
let count = 0;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.close());

const ok = async (method: string, path: string, body: unknown, token: string): Promise<Data> => {
  const answer = await server.papyrus(method, path, body, token);
  expect([answer.status < 300, answer.status < 300 ? '' : answer.text]).toEqual([true, '']);
  return answer.json() as Data;
};
/** A person who wants it so, with an empty library. */
const somebody = async (strategy = 'latest_wins'): Promise<string> => {
  const token = await server.signUp(`disagree${(count += 1)}@example.org`);
  await ok('PUT', '/users/me/preferences', { conflict_strategy: strategy }, token);
  return token;
};
const read = (token: string, path: string) => ok('GET', path, undefined, token);
const pull = async (token: string, types: string): Promise<Change[]> =>
  (await read(token, `/sync/changes?since=${EVERYTHING}&entity_types=${types}`)).changes as Change[];
const push = async (token: string, device: string, changes: object[]): Promise<Pushed> =>
  (await ok('POST', '/sync/changes', { device_id: device, changes }, token)) as Pushed;
const change = (operation: string, type: string, id: string, data: Data, more: Data = {}) => ({
  entity_type: type,
  entity_id: id,
  operation,
  data,
  timestamp: clock.now().toISOString(),
  ...more,
});
const made = (type: string, id: string, data: Data) => change('create', type, id, data);
const minutesAgo = (minutes: number) => new Date(clock.now().getTime() - minutes * 60_000).toISOString();
const conflictsOf = async (token: string) => (await read(token, '/sync/conflicts')).conflicts as Data[];
const undo = (token: string, conflict: Data | undefined) =>
  ok('POST', `/sync/conflicts/${String(conflict?.conflict_id)}/undo`, undefined, token);

describe.each([
  { strategy: 'server_wins', first: 'earlier', stays: 'a' },
  { strategy: 'server_wins', first: 'later', stays: 'a' },
  { strategy: 'client_wins', first: 'earlier', stays: 'b' },
  { strategy: 'client_wins', first: 'later', stays: 'b' },
  { strategy: 'latest_wins', first: 'earlier', stays: 'b' },
  { strategy: 'latest_wins', first: 'later', stays: 'a' },
] as const)('$strategy, where what arrived first was said $first', ({ strategy, first, stays }) => {
  it(`keeps the word of ${stays} on the field both changed, and what they said of others`, async () => {
    const token = await somebody(strategy);
    const [book, note] = [randomUUID(), randomUUID()];
    await push(token, 'a', [
      made('book', book, { title: 'Emma', author: 'Austen' }),
      made('note', note, { book_id: book, title: 'n', content: 'old' }),
    ]);
    clock.forward({ minutes: 50 });
    const said = first === 'earlier' ? { a: 40, b: 20 } : { a: 20, b: 40 };
    const saying = (device: 'a' | 'b', more: Data) => [
      change('update', 'book', book, { title: `of ${device}`, ...more }, { version: 1, timestamp: minutesAgo(said[device]) }),
      change('update', 'note', note, { content: `of ${device}` }, { version: 1, timestamp: minutesAgo(said[device]) }),
    ]; // prettier-ignore
    await push(token, 'a', saying('a', { rating: 4 }));
    expect((await push(token, 'b', saying('b', { publisher: 'Murray' }))).rejected).toEqual([]);

    expect(await read(token, `/books/${book}`)).toMatchObject({
      title: `of ${stays}`,
      rating: 4,
      publisher: 'Murray',
    });
    expect((await read(token, `/notes/${note}`)).content).toBe(`of ${stays}`);
    // Every device is told the same.
    expect((await pull(token, 'book,note')).map(({ data }) => data.title ?? data.content)).toHaveLength(2);
    const conflicts = await conflictsOf(token);
    expect(new Set(conflicts.map(({ entity_id: id }) => id))).toEqual(new Set([book, note]));

    // The word that was not kept can be had back.
    for (const conflict of conflicts) await undo(token, conflict);
    const other = stays === 'a' ? 'b' : 'a';
    expect((await read(token, `/books/${book}`)).title).toBe(`of ${other}`);
    expect((await read(token, `/notes/${note}`)).content).toBe(`of ${other}`);
  });
});

describe('who wins', () => {
  it('is not asked where nobody else spoke: a device overtakes itself, and what it knew', async () => {
    for (const strategy of ['server_wins', 'client_wins', 'manual']) {
      const token = await somebody(strategy);
      const book = randomUUID();
      await push(token, 'a', [made('book', book, { title: 'Emma', author: 'Austen' })]);
      await push(token, 'a', [change('update', 'book', book, { title: 'Second' }, { version: 1 })]);
      await push(token, 'b', [change('update', 'book', book, { title: 'Third' }, { version: 2 })]);
      expect((await read(token, `/books/${book}`)).title).toBe('Third');
      expect(await conflictsOf(token)).toEqual([]);
    }
  });
});

describe('things of one name that two devices made apart', () => {
  const KINDS = [
    { type: 'tag', of: (name: string) => ({ name, color: '#000000' }), list: 'tag_ids', word: 'description' },
    { type: 'shelf', of: (name: string) => ({ name }), list: 'shelf_ids', word: 'description' },
    { type: 'series', of: (name: string) => ({ name }), list: 'series_id', word: 'description' },
  ] as const;

  it.each(KINDS)('are one $type for the books of a third device', async ({ type, of, list }) => {
    const token = await somebody();
    const [mine, yours, book] = [randomUUID(), randomUUID(), randomUUID()];
    const naming = (id: string) => ({ [list]: list === 'series_id' ? id : [id] });
    await push(token, 'a', [made(type, mine, of('Sea stories'))]);
    const { accepted } = await push(token, 'b', [made(type, yours, of('SEA STORIES'))]);
    expect(accepted).toMatchObject([{ entity_id: yours }]);
    const third = await push(token, 'c', [made('book', book, { title: 'Typhoon', author: 'C', ...naming(yours) })]); // prettier-ignore
    expect(third.rejected).toEqual([]);

    const changes = await pull(token, `${type},book`);
    const living = changes.filter(({ operation }) => operation !== 'delete');
    const same = living.filter(({ data }) => /^sea stories$/i.test(String(data.name)));
    expect(same.map(({ entity_id: id }) => id)).toEqual([mine]);
    expect(changes.find(({ entity_id: id }) => id === yours)?.operation).toBe('delete');
    expect(living.find(({ entity_id: id }) => id === book)?.data).toMatchObject(naming(mine));
    // The other id stays a name of it: a device that did not pull yet goes on saying it.
    await push(token, 'b', [change('update', 'book', book, naming(yours))]);
    expect((await pull(token, 'book'))[0]?.data).toMatchObject(naming(mine));
  });

  it.each(KINDS)('share what is said of either $type, and it can be undone', async ({ type, of, word }) => {
    const token = await somebody();
    const [mine, yours] = [randomUUID(), randomUUID()];
    await push(token, 'a', [made(type, mine, of('Ships'))]);
    await push(token, 'b', [made(type, yours, of('ships'))]);
    clock.forward({ minutes: 10 });
    const version = (await pull(token, type)).find(({ entity_id: id }) => id === mine)?.version;
    await push(token, 'a', [change('update', type, mine, { [word]: 'of a' }, { version, timestamp: minutesAgo(5) })]); // prettier-ignore
    const late = await push(token, 'b', [change('update', type, yours, { [word]: 'of b' }, { version, timestamp: minutesAgo(1) })]); // prettier-ignore
    expect(late).toMatchObject({ rejected: [], accepted: [{ entity_id: yours }] });
    const shown = async () => (await pull(token, type)).find(({ entity_id: id }) => id === mine)?.data[word];
    expect(await shown()).toBe('of b');
    const [conflict] = await conflictsOf(token);
    expect(conflict).toMatchObject({ entity_type: type, entity_id: mine });
    await undo(token, conflict);
    expect(await shown()).toBe('of a');
  });

  it.each(KINDS)('go together when either $type is deleted', async ({ type, of }) => {
    const token = await somebody();
    const [mine, yours] = [randomUUID(), randomUUID()];
    await push(token, 'a', [made(type, mine, of('Knots'))]);
    await push(token, 'b', [made(type, yours, of('knots'))]);
    await push(token, 'b', [change('delete', type, yours, {})]);
    const gone = (await pull(token, type)).filter(({ entity_id: id }) => id === mine || id === yours);
    expect(gone.map(({ operation }) => operation)).toEqual(['delete', 'delete']);
  });
});

describe('a file that a pushed new book claims', () => {
  const upload = async (token: string): Promise<{ file_path: string; file_hash: string; file_size: number }> => {
    const bytes = makeEpub({ title: `File ${(count += 1)}`, authors: ['F'], publisher: 'House' });
    const answer = await server.get('/api/v1/files/upload', {
      method: 'POST',
      ...formOf({ name: 'a.epub', bytes }),
      headers: { ...formOf({ name: 'a.epub', bytes }).headers, authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(201);
    return answer.json() as { file_path: string; file_hash: string; file_size: number };
  }; // prettier-ignore
  const bookWith = (id: string, file_path: string) =>
    made('book', id, { title: 'Mine', author: 'Me', file_path });

  it('is the book’s, with what it says where the person said nothing; said again it changes nothing', async () => {
    const token = await somebody();
    const { file_path, file_hash, file_size } = await upload(token);
    const id = randomUUID();
    const saying = bookWith(id, file_path);
    const first = await push(token, 'a', [saying]);
    const shown = await read(token, `/books/${id}`);
    expect(shown).toMatchObject({ title: 'Mine', publisher: 'House', file_path, file_hash, file_size, file_format: 'epub' }); // prettier-ignore
    expect((await pull(token, 'book'))[0]?.data).toMatchObject({ file_path, file_hash, file_size });
    const sent = await server.get(`/api/v1/files/download/${encodeURIComponent(file_path)}`, { headers: { authorization: `Bearer ${token}` } }); // prettier-ignore
    expect([sent.status, sent.bytes.length]).toEqual([200, file_size]);
    expect(await push(token, 'a', [saying])).toMatchObject({ accepted: first.accepted });
    expect(await read(token, `/books/${id}`)).toEqual(shown);
  });

  it('stays with the book that has it, and with its owner', async () => {
    const [token, stranger] = [await somebody(), await somebody()];
    const { file_path } = await upload(token);
    const [theirs, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await push(stranger, 's', [bookWith(theirs, file_path)]);
    await push(token, 'a', [bookWith(first, file_path)]);
    await push(token, 'b', [bookWith(second, file_path)]);
    expect((await read(stranger, `/books/${theirs}`)).file_hash).toBeNull();
    expect((await read(token, `/books/${first}`)).file_path).toBe(file_path);
    expect((await read(token, `/books/${second}`)).file_hash).toBeNull();
  });
});
