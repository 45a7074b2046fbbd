import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Data = Record<string, unknown>;
type Change = {
  entity_type: string;
  entity_id: string;
  operation: string;
  data: Data;
  version: number;
  updated_at: string;
  device_id: string | null;
};
type Pulled = { changes: Change[]; server_timestamp: string; has_more: boolean };
type Pushed = {
  accepted: { entity_type: string; entity_id: string; new_version: number }[];
  rejected: { entity_type: string; entity_id: string; reason: string }[];
  server_timestamp: string;
};
type Said = { data?: Data; at?: string; version?: number; operation?: string };

const EVERYTHING = '1970-01-01T00:00:00Z';
const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
let count = 0;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.close());

/** A person with an empty library. */
const somebody = (): Promise<string> => server.signUp(`sync${(count += 1)}@example.org`);
const pull = async (token: string, since = EVERYTHING, more = ''): Promise<Pulled> => {
  const answer = await server.papyrus(
    'GET',
    `/sync/changes?since=${encodeURIComponent(since)}${more}`,
    undefined,
    token,
  );
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Pulled;
};
const send = (token: string, changes: object[], device = 'phone'): Promise<Answer> =>
  server.papyrus('POST', '/sync/changes', { device_id: device, changes }, token);
const push = async (token: string, changes: object[], device?: string): Promise<Pushed> => {
  const answer = await send(token, changes, device);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Pushed;
};
const change = (type: string, id: string, { data = {}, at: said, version, operation = 'update' }: Said) => ({
  entity_type: type,
  entity_id: id,
  operation,
  data,
  timestamp: said ?? clock.now().toISOString(),
  ...(version === undefined ? {} : { version }),
});
const made = (type: string, id: string, data: Data, said?: string) =>
  change(type, id, { data, operation: 'create', ...(said === undefined ? {} : { at: said }) });
/** Adds a book by push and returns its id. */
const aBook = async (token: string, data: Data = {}): Promise<string> => {
  const id = randomUUID();
  const { rejected } = await push(token, [made('book', id, { title: 'Emma', author: 'Austen', ...data })]);
  expect(rejected).toEqual([]);
  return id;
};
const read = async (token: string, path: string): Promise<Data> => {
  const answer = await server.papyrus('GET', path, undefined, token);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Data;
};
const minutesAgo = (minutes: number) => new Date(clock.now().getTime() - minutes * 60_000).toISOString();

describe('pulling', () => {
  it('gives everything there is, each thing once and as its own endpoint shows it', async () => {
    const token = await somebody();
    const id = await aBook(token);
    await server.papyrus('PATCH', `/books/${id}`, { rating: 4 }, token);
    const { changes, has_more: hasMore } = await pull(token);
    const books = changes.filter(({ entity_type: type }) => type === 'book');
    const shown = await read(token, `/books/${id}`);
    expect(books).toEqual([
      {
        entity_type: 'book',
        entity_id: id,
        operation: 'create',
        data: { ...shown, shelf_ids: [], tag_ids: [] },
        version: 2,
        updated_at: expect.any(String) as string,
        device_id: expect.any(String) as string,
      },
    ]);
    expect(changes.map(({ entity_type: type }) => type).toSorted()).toEqual(['book', 'reading_profile', 'shelf', 'shelf', 'shelf']); // prettier-ignore
    expect(hasMore).toBe(false);
  });

  it('gives after a moment only what came after it, and deletions as tombstones', async () => {
    const token = await somebody();
    const [kept, gone] = [await aBook(token), await aBook(token)];
    const { server_timestamp: since } = await pull(token);
    expect((await pull(token, since)).changes).toEqual([]);
    await server.papyrus('PATCH', `/books/${kept}`, { is_favorite: true }, token);
    await server.papyrus('DELETE', `/books/${gone}`, undefined, token);
    const { changes } = await pull(token, since);
    expect(changes.map(({ entity_id: id, operation, version }) => [id, operation, version])).toEqual([
      [kept, 'update', 2],
      [gone, 'delete', 2],
    ]);
    expect(changes[1]?.data).toEqual({});
  });

  it('gives every change in pages, none twice, although they were made in one moment', async () => {
    const token = await somebody();
    const ids = Array.from({ length: 7 }, () => randomUUID());
    await push(token, ids.map((id) => made('book', id, { title: 'T', author: 'A' }))); // prettier-ignore
    const found: string[] = [];
    let since = EVERYTHING;
    for (let more = true; more;) {
      const page = await pull(token, since, '&entity_types=book&limit=3');
      expect(page.changes.length).toBeLessThanOrEqual(3);
      found.push(...page.changes.map(({ entity_id: id }) => id));
      since = page.server_timestamp;
      more = page.has_more;
    }
    expect(found).toEqual(ids);
  });

  it('gives a whole library in one answer, and its length to those who ask for the headers alone', async () => {
    const token = await somebody();
    const ids = Array.from({ length: 450 }, () => randomUUID());
    await push(token, ids.map((id) => made('book', id, { title: 'T', author: 'A' }))); // prettier-ignore
    const url = `/sync/changes?since=${EVERYTHING}&entity_types=book`;
    const answer = await server.papyrus('GET', url, undefined, token);
    const { changes, has_more: hasMore } = answer.json() as Pulled;
    expect([changes.map(({ entity_id: id }) => id), hasMore]).toEqual([ids, false]);
    const length = String(Buffer.byteLength(answer.text));
    for (const { status, headers } of [answer, await server.papyrus('HEAD', url, undefined, token)]) {
      const said = [status, headers['content-type'], headers['content-length']];
      expect(said).toEqual([200, 'application/json; charset=utf-8', length]);
    }
  });

  it('gives the kinds asked for, named apart or together', async () => {
    const token = await somebody();
    await aBook(token);
    const kinds = async (query: string) =>
      new Set((await pull(token, EVERYTHING, query)).changes.map(({ entity_type: type }) => type));
    expect(await kinds('&entity_types=book,shelf')).toEqual(new Set(['book', 'shelf']));
    expect(await kinds('&entity_types=book&entity_types=reading_profile')).toEqual(new Set(['book', 'reading_profile'])); // prettier-ignore
    const wrong = await server.papyrus('GET', `/sync/changes?since=${EVERYTHING}&entity_types=backend`, undefined, token); // prettier-ignore
    expect(wrong.status).toBe(400);
  });

  it('refuses a moment from before deletions are remembered', async () => {
    const token = await somebody();
    const long = new Date(clock.now().getTime() - 91 * 86_400_000).toISOString();
    const answer = await server.papyrus('GET', `/sync/changes?since=${long}`, undefined, token);
    expect([answer.status, (answer.json() as Refusal).error.code]).toEqual([400, 'SYNC_WINDOW_EXPIRED']);
    expect((await server.papyrus('GET', '/sync/changes', undefined, token)).status).toBe(400);
  });

  it('shows nobody what is somebody else’s', async () => {
    const [token, stranger] = [await somebody(), await somebody()];
    const id = await aBook(token);
    expect((await pull(stranger)).changes.some(({ entity_id: each }) => each === id)).toBe(false);
    expect((await server.papyrus('GET', `/sync/changes?since=${EVERYTHING}`)).status).toBe(401);
  });
});

describe('pushing', () => {
  it('makes, changes and deletes every kind of thing', async () => {
    const token = await somebody();
    const book = await aBook(token);
    const ids = Object.fromEntries(
      ['shelf', 'tag', 'series', 'annotation', 'note', 'bookmark', 'reading_session', 'reading_goal', 'reading_profile'].map(
        (type) => [type, randomUUID()],
      ),
    ) as Record<string, string>; // prettier-ignore
    const NEW: Record<string, Data> = {
      shelf: { name: 'Attic' },
      tag: { name: 'dusty', color: '#112233' },
      series: { name: 'Highbury' },
      annotation: { book_id: book, selected_text: 'Handsome', start_position: 'a', end_position: 'b' },
      note: { book_id: book, title: 'Who', content: 'Emma' },
      bookmark: { book_id: book, position: 0.5 },
      reading_session: { book_id: book, start_time: minutesAgo(60), end_time: minutesAgo(30) },
      reading_goal: { title: 'Two', goal_type: 'books_count', target_value: 2, time_period: 'yearly', start_date: '2026-01-01', end_date: '2026-12-31' }, // prettier-ignore
      reading_profile: { name: 'Night', background_color: '#000000' },
    };
    const CHANGED: Record<string, Data> = {
      shelf: { name: 'Cellar' },
      tag: { color: '#445566' },
      series: { is_complete: true },
      annotation: { note: 'clever' },
      note: { is_pinned: true },
      bookmark: { note: 'half' },
      reading_session: { pages_read: 12 },
      reading_goal: { target_value: 3 },
      reading_profile: { font_size: 20 },
    };
    const first = await push(token, Object.entries(NEW).map(([type, data]) => made(type, ids[type]!, data))); // prettier-ignore
    expect(first.rejected).toEqual([]);
    const second = await push(token, Object.entries(CHANGED).map(([type, data]) => change(type, ids[type]!, { data }))); // prettier-ignore
    expect(second.rejected).toEqual([]);
    const { changes, server_timestamp: since } = await pull(token);
    for (const [type, id] of Object.entries(ids)) {
      const found = changes.find(({ entity_id: each }) => each === id);
      expect([type, found?.data]).toEqual([type, expect.objectContaining({ ...(type === 'bookmark' || type === 'reading_session' ? {} : NEW[type]), ...CHANGED[type] })]); // prettier-ignore
      expect(found?.device_id).toBe('phone');
    }
    const third = await push(token, Object.entries(ids).map(([type, id]) => change(type, id, { operation: 'delete' }))); // prettier-ignore
    expect(third.rejected).toEqual([]);
    const after = await pull(token, since);
    const gone = after.changes.filter(({ operation }) => operation === 'delete');
    expect(gone.map(({ entity_id: id }) => id).toSorted()).toEqual(Object.values(ids).toSorted());
    for (const { entity_id: id, new_version: version } of third.accepted)
      expect(gone.find(({ entity_id: each }) => each === id)?.version).toBe(version);
  });

  it('rejects what breaks a rule, with a reason, and applies the rest', async () => {
    const [token, stranger] = [await somebody(), await somebody()];
    const [theirs, id] = [await aBook(stranger), await aBook(token)];
    const { accepted, rejected } = await push(token, [
      change('book', id, { data: { rating: 5 } }),
      change('book', randomUUID(), { data: { rating: 5 } }),
      change('book', theirs, { data: { rating: 1 } }),
      change('book', id, { data: { rating: 9 } }),
      change('saved_filter', randomUUID(), {}),
      made('annotation', randomUUID(), { book_id: theirs, selected_text: 'x', start_position: 'a', end_position: 'b' }), // prettier-ignore
    ]);
    expect(accepted).toEqual([{ entity_type: 'book', entity_id: id, new_version: 2 }]);
    expect(rejected.map(({ entity_id: each, reason }) => [each === id || each === theirs, reason])).toEqual([
      [false, 'There is no such book.'],
      [true, 'There is no such book.'],
      [true, expect.stringContaining('rating') as string],
      [false, expect.stringContaining('saved_filter') as string],
      [false, 'There is no such book.'],
    ]);
    expect((await read(stranger, `/books/${theirs}`)).rating).toBeNull();
  });

  it('answers the same push again as the first time and changes nothing', async () => {
    const token = await somebody();
    const id = await aBook(token);
    const batch = [change('book', id, { data: { rating: 2 }, version: 1 })];
    const first = await push(token, batch);
    await server.papyrus('PATCH', `/books/${id}`, { rating: 5 }, token);
    expect((await push(token, batch)).accepted).toEqual(first.accepted);
    expect((await read(token, `/books/${id}`)).rating).toBe(5);
  });

  it('takes changes in the order they were said, and what names something later after it', async () => {
    const token = await somebody();
    const [book, tag, note] = [randomUUID(), randomUUID(), randomUUID()];
    const { rejected } = await push(token, [
      change('book', book, { data: { title: 'Last' }, at: minutesAgo(1) }),
      made('note', note, { book_id: book, title: 'n', content: 'c' }, minutesAgo(30)),
      made('book', book, { title: 'First', author: 'A', tag_ids: [tag] }, minutesAgo(20)),
      made('tag', tag, { name: 'late', color: '#000000' }, minutesAgo(5)),
    ]);
    expect(rejected).toEqual([]);
    const shown = await read(token, `/books/${book}`);
    expect([shown.title, (shown.tags as Data[]).map(({ name }) => name)]).toEqual(['Last', ['late']]);
    expect((await read(token, `/notes/${note}`)).book_title).toBe('Last');
  });

  it('leaves a book as it was where one word of a change is refused', async () => {
    const token = await somebody();
    const id = await aBook(token);
    const smart = randomUUID();
    await push(token, [made('shelf', smart, { name: 'Read', is_smart: true, smart_query: 'is:favorite' })]);
    const { server_timestamp: since } = await pull(token);
    const wrong = { title: 'Persuasion', rating: 5, shelf_ids: [smart] };
    const { accepted, rejected } = await push(token, [
      change('book', id, { data: wrong }),
      change('book', id, { data: { subtitle: 'A Novel' } }),
    ]);
    expect(accepted.map(({ new_version: version }) => version)).toEqual([2]);
    expect(rejected).toEqual([
      { entity_type: 'book', entity_id: id, reason: '"Read" is a smart shelf: its query says which books stand on it.' },
    ]); // prettier-ignore
    const { title, subtitle, rating } = await read(token, `/books/${id}`);
    expect({ title, subtitle, rating }).toEqual({ title: 'Emma', subtitle: 'A Novel', rating: null });
    expect((await pull(token, since)).changes.map(({ version }) => version)).toEqual([2]);
  });

  it('takes several changes of a book one after another, with what other changes make of it in between', async () => {
    const token = await somebody();
    const [id, tag, series] = [randomUUID(), randomUUID(), randomUUID()];
    const said = (minutes: number, data: Data) => change('book', id, { data, at: minutesAgo(minutes) });
    const { accepted, rejected } = await push(token, [
      made('book', id, { title: 'Emma', author: 'Austen' }, minutesAgo(10)),
      made('tag', tag, { name: 'sea', color: '#336699' }, minutesAgo(9)),
      made('series', series, { name: 'Novels' }, minutesAgo(8)),
      said(7, { tag_ids: [tag], series_id: series }),
      said(6, { rating: 3 }),
      change('tag', tag, { operation: 'delete', at: minutesAgo(5) }),
      said(4, { rating: 4 }),
      change('series', series, { data: { name: 'Tales' }, at: minutesAgo(3) }),
      said(2, { title: 'Persuasion' }),
      said(1, { title: 'Sanditon' }),
    ]);
    expect(rejected).toEqual([]);
    const versions = accepted.filter(({ entity_type: type }) => type === 'book');
    expect(versions.map(({ new_version: version }) => version)).toEqual([1, 3, 4, 6, 8, 9]);
    const { changes } = await pull(token);
    const book = changes.find(({ entity_id: each }) => each === id);
    expect(book?.version).toBe(9);
    expect(book?.data).toMatchObject({ title: 'Sanditon', rating: 4, tag_ids: [], series_name: 'Tales' });
  });

  it('takes a device whose clock is ahead to speak now', async () => {
    const token = await somebody();
    const id = await aBook(token);
    const ahead = new Date(clock.now().getTime() + 3 * 86_400_000).toISOString();
    await push(token, [change('book', id, { data: { rating: 1 }, at: ahead })], 'ahead');
    clock.forward({ minutes: 1 });
    await push(token, [change('book', id, { data: { rating: 5 } })], 'right');
    expect((await read(token, `/books/${id}`)).rating).toBe(5);
  });

  it('refuses more than 500 changes and what is no push', async () => {
    const token = await somebody();
    const many = Array.from({ length: 501 }, () => change('book', randomUUID(), {}));
    expect((await send(token, many)).status).toBe(400);
    expect((await server.papyrus('POST', '/sync/changes', { changes: [] }, token)).status).toBe(400);
    expect((await push(token, [])).accepted).toEqual([]);
  });
});

describe('devices that disagree', () => {
  it('both keep what they said of different fields', async () => {
    const token = await somebody();
    const id = await aBook(token);
    await push(token, [change('book', id, { data: { rating: 4 }, version: 1 })], 'a');
    await push(token, [change('book', id, { data: { publisher: 'Murray' }, version: 1, at: minutesAgo(90) })], 'b'); // prettier-ignore
    const shown = await read(token, `/books/${id}`);
    expect([shown.rating, shown.publisher]).toEqual([4, 'Murray']);
  });

  it('keep the later word on one field, in whatever order it arrives, and the other one in the history', async () => {
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const token = await somebody();
      const id = await aBook(token);
      const said = {
        a: change('book', id, { data: { title: 'Earlier' }, version: 1, at: minutesAgo(-1) }),
        b: change('book', id, { data: { title: 'Later' }, version: 1, at: minutesAgo(-2) }),
      };
      clock.forward({ minutes: 3 });
      for (const device of order as ('a' | 'b')[]) await push(token, [said[device]], device);
      expect((await read(token, `/books/${id}`)).title).toBe('Later');
      const { conflicts } = (await read(token, '/sync/conflicts')) as { conflicts: Data[] };
      expect(conflicts).toHaveLength(1);
      expect(conflicts[0]).toMatchObject({ entity_id: id, resolution_strategy: 'latest_wins', device_id: order[1], undone_at: null }); // prettier-ignore
      expect(conflicts[0]).toMatchObject({ resolved_data: { title: 'Later' } });
    }
  });

  it('follow the place that was read last', async () => {
    const token = await somebody();
    const id = await aBook(token, { page_count: 200 });
    clock.forward({ minutes: 40 });
    await push(token, [change('book', id, { data: { current_position: 0.6 }, version: 1, at: minutesAgo(10) })], 'a'); // prettier-ignore
    await push(token, [change('book', id, { data: { current_position: 0.9 }, version: 1, at: minutesAgo(30) })], 'b'); // prettier-ignore
    const shown = await read(token, `/books/${id}/progress`);
    expect(shown).toMatchObject({ current_position: 0.6, current_page: 120, reading_status: 'in_progress' });
    expect([shown.started_at, shown.last_read_at]).toEqual([minutesAgo(10), minutesAgo(10)]);
  });

  it('unite shelves and tags, and take away what one of them knew and let go', async () => {
    const token = await somebody();
    const tags = ['one', 'two', 'three', 'four'].map((name) => ({ name, id: randomUUID() }));
    await push(token, tags.map(({ name, id }) => made('tag', id, { name, color: '#000000' }))); // prettier-ignore
    const [one, two, three, four] = tags.map(({ id }) => id);
    const id = await aBook(token, { tag_ids: [one, two] });
    const base = (await pull(token, EVERYTHING, '&entity_types=book')).changes[0]!.version;
    await push(token, [change('book', id, { data: { tag_ids: [two, three] }, version: base })], 'a');
    await push(token, [change('book', id, { data: { tag_ids: [one, two, four] }, version: base })], 'b');
    const { tags: found } = await read(token, `/books/${id}`);
    expect((found as Data[]).map(({ name }) => name)).toEqual(['four', 'three', 'two']);
  });

  it('make one tag of one name, whatever ids they gave it', async () => {
    const token = await somebody();
    const [mine, yours] = [randomUUID(), randomUUID()];
    await push(token, [made('tag', mine, { name: 'Sci-Fi', color: '#000000' })], 'a');
    const book = randomUUID();
    const { accepted } = await push(
      token,
      [
        made('tag', yours, { name: 'sci-fi', color: '#ffffff' }),
        made('book', book, { title: 'Dune', author: 'Herbert', tag_ids: [yours] }),
      ],
      'b',
    );
    expect(accepted).toHaveLength(2);
    const { changes } = await pull(token, EVERYTHING, '&entity_types=tag,book');
    expect(changes.map(({ entity_id: id, operation }) => [id, operation])).toEqual([
      [yours, 'delete'],
      [mine, 'create'],
      [book, 'create'],
    ]);
    expect(changes[2]?.data.tag_ids).toEqual([mine]);
  });

  it('lose what one of them deleted, and what is late brings nothing back', async () => {
    const token = await somebody();
    const [id, unseen] = [await aBook(token), randomUUID()];
    await push(token, [change('book', id, { operation: 'delete' })], 'a');
    const late = await push(token, [change('book', id, { data: { rating: 3 } })], 'b');
    expect(late.accepted).toEqual([{ entity_type: 'book', entity_id: id, new_version: 2 }]);
    expect((await server.papyrus('GET', `/books/${id}`, undefined, token)).status).toBe(404);
    await push(token, [change('book', unseen, { operation: 'delete' })], 'a');
    clock.forward({ minutes: 1 });
    await push(token, [made('book', unseen, { title: 'Late', author: 'A' }, minutesAgo(60))], 'a');
    clock.forward({ minutes: 1 });
    expect((await server.papyrus('GET', `/books/${unseen}`, undefined, token)).status).toBe(404);
    const note = randomUUID();
    await push(token, [made('note', note, { book_id: id, title: 'n', content: 'kept' })], 'b');
    const { conflicts } = (await read(token, '/sync/conflicts')) as { conflicts: Data[] };
    expect(conflicts.map(({ pushed_data: data }) => (data as Data).content ?? (data as Data).rating ?? (data as Data).title)).toEqual(['kept', 'Late', 3]); // prettier-ignore
  });

  it('can have the other word back, for all devices', async () => {
    const token = await somebody();
    const id = await aBook(token);
    clock.forward({ minutes: 3 });
    await push(token, [change('book', id, { data: { title: 'First' }, version: 1, at: minutesAgo(2) })], 'a');
    await push(
      token,
      [change('book', id, { data: { title: 'Second' }, version: 1, at: minutesAgo(1) })],
      'b',
    );
    const { conflicts } = (await read(token, '/sync/conflicts')) as { conflicts: Data[] };
    const path = `/sync/conflicts/${String(conflicts[0]?.conflict_id)}/undo`;
    const { server_timestamp: since } = await pull(token);
    const undone = await server.papyrus('POST', path, undefined, token);
    expect([undone.status, (undone.json() as Data).undone_at]).toEqual([200, clock.now().toISOString()]);
    expect((await pull(token, since)).changes.map(({ data }) => data.title)).toEqual(['First']);
    expect((await server.papyrus('POST', path, undefined, token)).status).toBe(409);
    expect((await server.papyrus('POST', path, undefined, await somebody())).status).toBe(404);
  });

  it('can have back what one deleted without knowing what the other had said of it', async () => {
    const token = await somebody();
    const book = await aBook(token);
    const note = randomUUID();
    await push(token, [made('note', note, { book_id: book, title: 'n', content: 'old' })], 'a');
    await push(token, [change('note', note, { data: { content: 'new' }, version: 1 })], 'a');
    await push(token, [change('note', note, { operation: 'delete', version: 1 })], 'b');
    const { conflicts } = (await read(token, '/sync/conflicts')) as { conflicts: Data[] };
    expect(conflicts).toHaveLength(1);
    const { server_timestamp: since } = await pull(token);
    await server.papyrus('POST', `/sync/conflicts/${String(conflicts[0]?.conflict_id)}/undo`, undefined, token); // prettier-ignore
    expect((await read(token, `/notes/${note}`)).content).toBe('new');
    const [change_] = (await pull(token, since)).changes;
    expect([change_?.operation, change_?.version]).toEqual(['create', 4]);
  });

  it('wait for the person who wants to decide, and nothing is taken in', async () => {
    const token = await somebody();
    await server.papyrus('PUT', '/users/me/preferences', { conflict_strategy: 'manual' }, token);
    const [id, other] = [await aBook(token), await aBook(token)];
    await push(token, [change('book', id, { data: { title: 'First' }, version: 1 })], 'a');
    const answer = await send(
      token,
      [change('book', other, { data: { rating: 1 }, version: 1 }), change('book', id, { data: { title: 'Second' }, version: 1 })], // prettier-ignore
      'b',
    );
    expect(answer.status).toBe(409);
    const { conflicts } = answer.json() as { conflicts: Data[] };
    expect(conflicts).toMatchObject([{ entity_id: id, local_version: 1, server_version: 2, resolution_strategy: 'manual' }]); // prettier-ignore
    expect(conflicts[0]).toMatchObject({ server_data: { title: 'First' } });
    expect((await read(token, `/books/${other}`)).rating).toBeNull();
    expect((await read(token, '/sync/conflicts')).conflicts).toEqual([]);
  });
});

describe('sync between the faces', () => {
  it('says when any device synced last', async () => {
    const token = await somebody();
    const idle = { status: 'idle', pending_changes: 0, error_message: null };
    expect(await read(token, '/sync/status')).toEqual({ ...idle, last_sync_at: null });
    await push(token, []);
    const pushedAt = clock.now().toISOString();
    expect(await read(token, '/sync/status')).toEqual({ ...idle, last_sync_at: pushedAt });
    clock.forward({ minutes: 5 });
    await pull(token);
    expect(await read(token, '/sync/status')).toEqual({ ...idle, last_sync_at: clock.now().toISOString() });
    expect((await server.papyrus('GET', '/sync/status')).status).toBe(401);
  });

  it('is the same under the other mount', async () => {
    const token = await somebody();
    const answer = await server.get(`/v1/sync/changes?since=${EVERYTHING}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.json()).toEqual(await pull(token));
  });
});

describe('somebody else’s thing', () => {
  it('is deleted by nobody else, and the answer is that of a thing that never was', async () => {
    const [mine, theirs] = [await somebody(), await somebody()];
    const id = await aBook(theirs);
    const never = randomUUID();
    const { accepted, rejected } = await push(
      mine,
      [id, never].map((each) => change('book', each, { operation: 'delete' })),
    );
    expect([accepted.map((each) => each.new_version), rejected]).toEqual([[1, 1], []]);
    expect((await read(theirs, `/books/${id}`)).title).toBe('Emma');
    expect((await pull(theirs, EVERYTHING, '&entity_types=book')).changes).toMatchObject([
      { entity_id: id, operation: 'create' },
    ]);
  });
});
