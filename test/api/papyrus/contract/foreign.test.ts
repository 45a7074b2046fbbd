// Ids of somebody else: wherever one is given, the answer is the one for an id that nobody has.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../support/client.ts';
import { makeEpub } from '../../../support/make-epub.ts';
import { ALIASES } from './aliases.ts';
import { WALK } from './walk.ts';
import { fresh, thingsOf, uploadBy } from './things.ts';
import type { Asking, Things } from './things.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

let world: World;
/** The same world, asked by another person: things in it are still the owner's. */
let intruder: World;
/** The other person's own things. */
let own: Things;
let asked: (() => Promise<Answer>) | undefined;
let path: string;
beforeAll(async () => {
  world = await openWorld();
  const somebody = await world.somebody();
  const asking: Asking = {
    call: (method, where, body) => note(where, (at) => somebody.call(method, at, body)),
    send: (where, how) => note(where, (at) => somebody.send(at, how)),
  };
  intruder = { ...world, ...asking, upload: uploadBy(asking.send) };
  own = thingsOf(somebody);
});
afterAll(() => world.close());

/** Asks, and keeps how to ask the same under the path with ids nobody has. */
function note(where: string, ask: (path: string) => Promise<Answer>): Promise<Answer> {
  path = where;
  asked = () => ask(unknownIn(where));
  return ask(where);
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const unknownIn = (where: string) => where.replace(ID, () => randomUUID());
/** All that is said, but for ids and what differs from request to request. */
const saidBy = ({ status, text, headers }: Answer) => ({
  status,
  text: text.replace(ID, '<id>').replace(/"(?:exported_at|server_timestamp)":"[^"]+"/, ''),
  headers: Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['date', 'x-request-id', 'etag'].includes(name)),
  ),
});

describe('an id of somebody else in a path', () => {
  const aboutThings = Object.entries({ ...WALK, ...ALIASES }).filter(([name]) => name.includes('{}'));

  it.each(aboutThings)('%s answers as if it were not there', async (_name, [, call]) => {
    const foreign = await call(intruder);
    expect(path).toMatch(ID);
    const missing = await asked!();
    expect([foreign.status, foreign.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
    expect(saidBy(foreign)).toEqual(saidBy(missing));
  });
});

describe('an id of somebody else in a body or a query', () => {
  type Case = {
    name: string;
    status: number;
    /** Makes the owner's thing. */
    thing: (owner: Things) => Promise<string>;
    /** The request of the other person with that id in it. */
    ask: (own: Things, id: string) => Promise<Answer>;
  };
  const [book, shelf, tag, series] = [
    (each: Things) => each.book(),
    (each: Things) => each.shelf(),
    (each: Things) => each.tag(),
    (each: Things) => each.series(),
  ];
  const backend = (each: Things) => each.backend('papyrus_server');
  const newBook = { title: 'Mine', author: 'Me' };
  const session = { start_time: '2026-03-02T20:00:00Z', end_time: '2026-03-02T20:30:00Z' };
  const epub = () => ({ name: 'mine.epub', bytes: makeEpub({ title: fresh('Mine'), authors: ['Me'] }) });
  const cases: Case[] = [
    ...(
      [
        ['series_id', series, (id: string) => id],
        ['shelf_ids', shelf, (id: string) => [id]],
        ['tag_ids', tag, (id: string) => [id]],
        ['storage_backend_id', backend, (id: string) => id],
        ['file_path', (each: Things) => each.file(), (id: string) => id],
      ] as const
    ).flatMap(([field, thing, given]): Case[] => [
      {
        name: `POST /books ${field}`,
        status: 400,
        thing,
        ask: (mine, id) => mine.call('POST', '/books', { ...newBook, [field]: given(id) }),
      },
      {
        name: `POST /books/batch ${field}`,
        status: 400,
        thing,
        ask: (mine, id) => mine.call('POST', '/books/batch', { books: [{ ...newBook, [field]: given(id) }] }),
      },
    ]),
    {
      name: 'PATCH /books/{} series_id',
      status: 400,
      thing: series,
      ask: async (mine, id) => mine.call('PATCH', `/books/${await mine.book()}`, { series_id: id }),
    },
    {
      name: 'PUT /books/{}/shelves',
      status: 400,
      thing: shelf,
      ask: async (mine, id) => mine.call('PUT', `/books/${await mine.book()}/shelves`, { shelf_ids: [id] }),
    },
    {
      name: 'PUT /books/{}/tags',
      status: 400,
      thing: tag,
      ask: async (mine, id) => mine.call('PUT', `/books/${await mine.book()}/tags`, { tag_ids: [id] }),
    },
    {
      name: 'PATCH /books/batch book_ids',
      status: 200,
      thing: book,
      ask: (mine, id) =>
        mine.call('PATCH', '/books/batch', { book_ids: [id], updates: { is_favorite: true } }),
    },
    ...(
      [
        ['add_shelf_ids', shelf],
        ['remove_shelf_ids', shelf],
        ['add_tag_ids', tag],
        ['remove_tag_ids', tag],
      ] as const
    ).map(([field, thing]): Case => ({
      name: `PATCH /books/batch ${field}`,
      // What is not there is as good as removed.
      status: field.startsWith('remove_') ? 200 : 400,
      thing,
      ask: async (mine, id) =>
        mine.call('PATCH', '/books/batch', { book_ids: [await mine.book()], [field]: [id] }),
    })),
    {
      name: 'DELETE /books/batch book_ids',
      status: 200,
      thing: book,
      ask: (mine, id) => mine.call('DELETE', '/books/batch', { book_ids: [id] }),
    },
    {
      name: 'POST /shelves parent_shelf_id',
      status: 400,
      thing: shelf,
      ask: (mine, id) => mine.call('POST', '/shelves', { name: fresh('Mine'), parent_shelf_id: id }),
    },
    {
      name: 'PATCH /shelves/{} parent_shelf_id',
      status: 400,
      thing: shelf,
      ask: async (mine, id) => mine.call('PATCH', `/shelves/${await mine.shelf()}`, { parent_shelf_id: id }),
    },
    {
      name: 'DELETE /shelves/{} move_books_to',
      status: 400,
      thing: shelf,
      ask: async (mine, id) => mine.call('DELETE', `/shelves/${await mine.shelf()}?move_books_to=${id}`),
    },
    {
      name: 'POST /shelves/{}/books',
      status: 400,
      thing: book,
      ask: async (mine, id) => mine.call('POST', `/shelves/${await mine.shelf()}/books`, { book_ids: [id] }),
    },
    {
      name: 'POST /shelves/{}/books/remove',
      status: 200,
      thing: book,
      ask: async (mine, id) =>
        mine.call('POST', `/shelves/${await mine.shelf()}/books/remove`, { book_ids: [id] }),
    },
    {
      name: 'POST /shelves/{}/books/{}',
      status: 404,
      thing: book,
      ask: async (mine, id) => mine.call('POST', `/shelves/${await mine.shelf()}/books/${id}`),
    },
    {
      name: 'POST /progress/sessions book_id',
      status: 400,
      thing: book,
      ask: (mine, id) => mine.call('POST', '/progress/sessions', { book_id: id, ...session }),
    },
    {
      name: 'POST /annotations/export book_ids',
      status: 200,
      thing: book,
      ask: (mine, id) => mine.call('POST', '/annotations/export', { format: 'json', book_ids: [id] }),
    },
    {
      name: 'POST /export/books book_ids',
      status: 404,
      thing: book,
      ask: (mine, id) => mine.call('POST', '/export/books', { book_ids: [id] }),
    },
    {
      name: 'POST /export/library shelf_ids',
      status: 404,
      thing: shelf,
      ask: (mine, id) => mine.call('POST', '/export/library', { format: 'json', shelf_ids: [id] }),
    },
    {
      name: 'POST /export/library tag_ids',
      status: 404,
      thing: tag,
      ask: (mine, id) => mine.call('POST', '/export/library', { format: 'csv', tag_ids: [id] }),
    },
    {
      name: 'POST /files/upload storage_backend_id',
      status: 400,
      thing: backend,
      ask: (mine, id) => mine.upload('POST', '/files/upload', epub(), { storage_backend_id: id }),
    },
    {
      name: 'POST /media book_id',
      status: 404,
      thing: book,
      ask: (mine, id) => mine.upload('POST', '/media', epub(), { book_id: id, kind: 'book_file' }),
    },
    {
      name: 'POST /sync/changes entity_id',
      status: 200,
      thing: book,
      ask: (mine, id) =>
        mine.call('POST', '/sync/changes', {
          device_id: 'phone',
          changes: [
            {
              entity_type: 'book',
              entity_id: id,
              operation: 'update',
              data: { rating: 1 },
              timestamp: '2026-03-01T00:00:00Z',
            },
          ],
        }),
    },
    {
      name: 'POST /storage/backends/set-primary backend_id',
      status: 404,
      thing: backend,
      ask: (mine, id) => mine.call('POST', '/storage/backends/set-primary', { backend_id: id }),
    },
    ...(
      [
        ['/books?shelf_id=', shelf],
        ['/books?tag_id=', tag],
        ['/books?series_id=', series],
        ['/annotations?book_id=', book],
        ['/notes?book_id=', book],
        ['/bookmarks?book_id=', book],
        ['/progress/sessions?book_id=', book],
        ['/progress/statistics?book_id=', book],
        ['/progress/statistics?shelf_id=', shelf],
      ] as const
    ).map(([start, thing]): Case => ({
      name: `GET ${start.slice(0, -1)}`,
      status: 200,
      thing,
      ask: (mine, id) => mine.call('GET', start + id),
    })),
  ];

  it.each(cases)('$name: answers $status as if it were not there', async ({ status, thing, ask }) => {
    const id = await thing(world);
    const foreign = await ask(own, id);
    const missing = await ask(own, unknownIn(id));
    expect([foreign.status, foreign.status === status ? '' : foreign.text]).toEqual([status, '']);
    expect(saidBy(foreign)).toEqual(saidBy(missing));
  });

  it('POST /sync/powersync-upload refuses a book of somebody else, as apps expect, and changes nothing', async () => {
    const id = await world.book();
    const before = (await world.call('GET', `/books/${id}`)).text;
    for (const op of ['PUT', 'PATCH', 'DELETE']) {
      const batch = [
        { type: 'books', op: 'PUT', id: randomUUID(), data: { title: 'Before it' } },
        { type: 'books', op, id, data: { title: 'Taken' } },
      ];
      expect((await own.call('POST', '/sync/powersync-upload', { batch })).status).toBe(403);
    }
    expect((await world.call('GET', `/books/${id}`)).text).toBe(before);
    expect((await own.call('GET', '/books?search=Before')).json()).toMatchObject({ books: [] });
  });
});
