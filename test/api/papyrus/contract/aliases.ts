// How each operation the clients know beside the contract is called so that it does what it is for.
import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../support/client.ts';
import { makeEpub } from '../../../support/make-epub.ts';
import type { Step } from './walk.ts';
import { fresh } from './things.ts';
import { PUBLIC_URL } from './world.ts';
import type { World } from './world.ts';

const HOME = 'papyrus://auth/callback';
const mark = { selected_text: 'A line', start_position: '1', end_position: '2' };

/** Every such operation under /api/v1, by the name operationName gives it. */
export const ALIASES: Record<string, Step> = {
  'GET /': [200, ({ call }) => call('GET', '/')],

  'POST /auth/logout-all': [204, async (world) => (await world.somebody()).call('POST', '/auth/logout-all')],
  'GET /auth/oauth/google/start': [302, (world) => startGoogle(world)],
  'GET /auth/oauth/google/callback': [302, async (world) => comeBack(world, await startGoogle(world))],
  'POST /auth/exchange-code': [
    200,
    async (world) => {
      const code = codeIn(await comeBack(world, await startGoogle(world)));
      return world.call('POST', '/auth/exchange-code', { code, client_type: 'desktop', device_label: null });
    },
  ],
  'POST /auth/link/google/start': [
    200,
    ({ call }) => call('POST', '/auth/link/google/start', { redirect_uri: HOME }),
  ],
  'POST /auth/link/google/complete': [
    200,
    async (world) => {
      const { call } = await world.somebody();
      const started = await call('POST', '/auth/link/google/start', { redirect_uri: HOME });
      const { authorization_url } = started.json() as { authorization_url: string };
      return call('POST', '/auth/link/google/complete', {
        code: codeIn(await comeBack(world, authorization_url)),
      });
    },
  ],
  'POST /auth/powersync-token': [200, ({ call }) => call('POST', '/auth/powersync-token')],
  'GET /auth/jwks': [200, ({ call }) => call('GET', '/auth/jwks')],

  'GET /annotations/books/{}': [
    200,
    async (world) => {
      const book = await world.book();
      await world.annotation(book);
      return world.call('GET', `/annotations/books/${book}`);
    },
  ],
  'POST /annotations/books/{}': [
    201,
    async (world) => world.call('POST', `/annotations/books/${await world.book()}`, mark),
  ],
  'GET /notes/books/{}': [
    200,
    async (world) => {
      const book = await world.book();
      await world.note(book);
      return world.call('GET', `/notes/books/${book}`);
    },
  ],
  'POST /notes/books/{}': [
    201,
    async (world) => world.call('POST', `/notes/books/${await world.book()}`, { title: 'T', content: 'C' }),
  ],
  'GET /bookmarks/books/{}': [
    200,
    async (world) => {
      const book = await world.book();
      await world.bookmark(book);
      return world.call('GET', `/bookmarks/books/${book}`);
    },
  ],
  'POST /bookmarks/books/{}': [
    201,
    async (world) => world.call('POST', `/bookmarks/books/${await world.book()}`, { position: '0.5' }),
  ],
  'GET /bookmarks': [
    200,
    async (world) => {
      const book = await world.book();
      await world.bookmark(book);
      return world.call('GET', `/bookmarks?book_id=${book}`);
    },
  ],

  'POST /shelves/{}/books/{}': [
    204,
    async (world) => world.call('POST', `/shelves/${await world.shelf()}/books/${await world.book()}`),
  ],
  'DELETE /shelves/{}/books/{}': [
    204,
    async (world) => world.call('DELETE', `/shelves/${await world.shelf()}/books/${await world.book()}`),
  ],
  'POST /storage/backends/set-primary': [
    200,
    async (world) =>
      world.call('POST', '/storage/backends/set-primary', {
        backend_id: await world.backend('papyrus_server'),
      }),
  ],
  'POST /saved-filters/{}/use': [
    200,
    async (world) => world.call('POST', `/saved-filters/${await world.filter()}/use`),
  ],

  'GET /files/download/{}': [
    200,
    async (world) => world.call('GET', `/files/download/${await world.file()}`),
  ],
  'GET /files/info/{}': [200, async (world) => world.call('GET', `/files/info/${await world.file()}`)],
  'DELETE /files/{}': [204, async (world) => world.call('DELETE', `/files/${await world.file()}`)],
  'POST /media': [
    201,
    async (world) =>
      world.upload(
        'POST',
        '/media',
        { name: 'sent.epub', bytes: makeEpub({ title: fresh('Sent'), authors: ['Sender'] }) },
        { book_id: await world.book(), kind: 'book_file' },
      ),
  ],
  'GET /media/usage': [200, ({ call }) => call('GET', '/media/usage')],
  'GET /media/{}': [200, async (world) => world.call('GET', `/media/${await world.asset()}`)],
  'DELETE /media/{}': [204, async (world) => world.call('DELETE', `/media/${await world.asset()}`)],

  'GET /sync/settings': [200, ({ call }) => call('GET', '/sync/settings')],
  'POST /sync/powersync-upload': [
    200,
    ({ call }) =>
      call('POST', '/sync/powersync-upload', {
        batch: [{ type: 'books', op: 'PUT', id: randomUUID(), data: { title: 'From the app' } }],
      }),
  ],
  'GET /acquisition/capabilities': [200, ({ call }) => call('GET', '/acquisition/capabilities')],
};

/** Begins to sign in and returns the answer; somebody new comes. */
async function startGoogle(world: World): Promise<Answer> {
  const name = fresh('person').replace(' ', '');
  world.google.person = {
    sub: `of-${name}`,
    email: `${name}@google.example.org`,
    email_verified: true,
    name,
  };
  const query = new URLSearchParams({ redirect_uri: HOME, moved: '1' });
  return world.call('GET', `/auth/oauth/google/start?${query.toString()}`);
}

/** Follows the way over Google and asks where it leads back to. */
async function comeBack(world: World, from: Answer | string): Promise<Answer> {
  const name = fresh('linked').replace(' ', '');
  if (typeof from === 'string')
    world.google.person = { sub: `of-${name}`, email: `${name}@google.example.org`, email_verified: true };
  const back = await world.google.browse(typeof from === 'string' ? from : (from.headers.location ?? ''));
  const path = back.href.replace(`${PUBLIC_URL}/api/v1`, '');
  if (typeof from === 'string') return world.call('GET', path);
  const [cookie = ''] = from.headers['set-cookie'] ?? [];
  return world.send(path, { headers: { cookie: cookie.split(';')[0] } });
}

const codeIn = (answer: Answer) => new URL(answer.headers.location ?? '').searchParams.get('code');
