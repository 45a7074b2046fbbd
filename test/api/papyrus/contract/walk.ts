// How each operation of the contract is called so that it does what it is for.
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { makeEpub } from '../../../support/make-epub.ts';
import type { Answer } from '../../../support/client.ts';
import { fresh } from './things.ts';
import { PASSWORD } from './world.ts';
import type { World } from './world.ts';

/** The status it must answer with, and the call. */
export type Step = [status: number, call: (world: World) => Promise<Answer>];

const session = { start_time: '2026-03-02T20:00:00Z', end_time: '2026-03-02T20:30:00Z' };
const period = { start_date: '2026-01-01', end_date: '2026-12-31' };
const mark = { selected_text: 'A line', start_position: '1', end_position: '2' };

const get =
  (path: string): Step[1] =>
  ({ call }) =>
    call('GET', path);

/** Every documented operation, by the name operationName gives it. */
export const WALK: Record<string, Step> = {
  'POST /auth/register': [
    201,
    async ({ server, call }) =>
      call('POST', '/auth/register', {
        email: `${randomUUID()}@example.org`,
        password: PASSWORD,
        display_name: 'Eve',
        invitation: await server.invite(),
      }),
  ],
  'POST /auth/login': [
    200,
    async (world) => {
      const { email, call } = await world.somebody();
      return call('POST', '/auth/login', { email, password: PASSWORD, device_label: null });
    },
  ],
  'POST /auth/oauth/google': [
    200,
    async ({ server, call, google }) => {
      const person = { sub: fresh('google'), email: `${randomUUID()}@example.org`, email_verified: true };
      await server.desk('POST', '/people/open-hour');
      return call('POST', '/auth/oauth/google', { id_token: await google.token(person) });
    },
  ],
  'POST /auth/refresh': [
    200,
    async (world) => {
      const { call, refreshToken } = await world.somebody();
      return call('POST', '/auth/refresh', { refresh_token: refreshToken });
    },
  ],
  'POST /auth/logout': [204, async (world) => (await world.somebody()).call('POST', '/auth/logout')],
  'POST /auth/verify-email': [
    200,
    async (world) => {
      const { email, call } = await world.somebody();
      await call('POST', '/auth/resend-verification', { email });
      return call('POST', '/auth/verify-email', { token: await world.letterToken(email) });
    },
  ],
  'POST /auth/resend-verification': [
    200,
    ({ call }) => call('POST', '/auth/resend-verification', { email: 'nobody@example.org' }),
  ],
  'POST /auth/forgot-password': [
    200,
    ({ call }) => call('POST', '/auth/forgot-password', { email: 'nobody@example.org' }),
  ],
  'POST /auth/reset-password': [
    200,
    async (world) => {
      const { email, call } = await world.somebody();
      await call('POST', '/auth/forgot-password', { email });
      const token = await world.letterToken(email);
      return call('POST', '/auth/reset-password', { token, password: `${PASSWORD}y` });
    },
  ],

  'GET /users/me': [200, get('/users/me')],
  'DELETE /users/me': [
    204,
    async (world) => (await world.somebody()).call('DELETE', '/users/me', { password: PASSWORD }),
  ],
  'PATCH /users/me': [200, ({ call }) => call('PATCH', '/users/me', { display_name: 'Owner' })],
  'GET /users/me/preferences': [200, get('/users/me/preferences')],
  'PUT /users/me/preferences': [200, ({ call }) => call('PUT', '/users/me/preferences', { theme: 'dark' })],
  'POST /users/me/change-password': [
    200,
    async (world) =>
      (await world.somebody()).call('POST', '/users/me/change-password', {
        current_password: PASSWORD,
        new_password: `${PASSWORD}x`,
      }),
  ],
  'GET /users/me/metadata-server': [
    200,
    async ({ call }) => {
      await call('PUT', '/users/me/metadata-server', { server_url: 'https://meta.example.org' });
      return call('GET', '/users/me/metadata-server');
    },
  ],
  'PUT /users/me/metadata-server': [
    200,
    ({ call }) => call('PUT', '/users/me/metadata-server', { server_url: 'https://meta.example.org' }),
  ],
  'DELETE /users/me/metadata-server': [
    204,
    async ({ call }) => {
      await call('PUT', '/users/me/metadata-server', { server_url: 'https://meta.example.org' });
      return call('DELETE', '/users/me/metadata-server');
    },
  ],
  'POST /users/me/metadata-server/test': [
    200,
    async ({ call }) => {
      await call('PUT', '/users/me/metadata-server', { server_url: 'http://127.0.0.1:9/' });
      return call('POST', '/users/me/metadata-server/test');
    },
  ],

  'GET /books': [
    200,
    async (world) => {
      const [book, shelf, tag] = [await world.book(), await world.shelf(), await world.tag()];
      await world.call('PUT', `/books/${book}/shelves`, { shelf_ids: [shelf] });
      await world.call('PUT', `/books/${book}/tags`, { tag_ids: [tag] });
      return world.call(
        'GET',
        `/books?shelf_id=${shelf}&tag_id=${tag}&query=is:digital&sort=-added_at,title`,
      );
    },
  ],
  'POST /books': [
    201,
    async (world) =>
      world.call('POST', '/books', {
        title: 'New',
        author: 'Ada',
        shelf_ids: [await world.shelf()],
        tag_ids: [await world.tag()],
      }),
  ],
  'GET /books/{}': [200, async (world) => world.call('GET', `/books/${await world.book()}`)],
  'DELETE /books/{}': [204, async (world) => world.call('DELETE', `/books/${await world.book()}`)],
  'PATCH /books/{}': [
    200,
    async (world) => world.call('PATCH', `/books/${await world.book()}`, { rating: 4, subtitle: null }),
  ],
  'GET /books/{}/cover': [
    200,
    async (world) => {
      const book = await world.book();
      await putCover(world, book);
      return world.call('GET', `/books/${book}/cover`);
    },
  ],
  'PUT /books/{}/cover': [200, async (world) => putCover(world, await world.book())],
  'GET /books/{}/shelves': [200, async (world) => world.call('GET', `/books/${await world.book()}/shelves`)],
  'PUT /books/{}/shelves': [
    200,
    async (world) =>
      world.call('PUT', `/books/${await world.book()}/shelves`, { shelf_ids: [await world.shelf()] }),
  ],
  'GET /books/{}/tags': [200, async (world) => world.call('GET', `/books/${await world.book()}/tags`)],
  'PUT /books/{}/tags': [
    200,
    async (world) => world.call('PUT', `/books/${await world.book()}/tags`, { tag_ids: [await world.tag()] }),
  ],
  'GET /books/{}/progress': [
    200,
    async (world) => world.call('GET', `/books/${await world.book()}/progress`),
  ],
  'PUT /books/{}/progress': [
    200,
    async (world) => world.call('PUT', `/books/${await world.book()}/progress`, { current_position: 0.5 }),
  ],
  'POST /books/batch': [
    201,
    ({ call }) => call('POST', '/books/batch', { books: [{ title: 'One', author: 'Ada' }] }),
  ],
  'DELETE /books/batch': [
    200,
    async (world) => world.call('DELETE', '/books/batch', { book_ids: [await world.book(), randomUUID()] }),
  ],
  'PATCH /books/batch': [
    200,
    async (world) =>
      world.call('PATCH', '/books/batch', {
        book_ids: [await world.book(), randomUUID()],
        updates: { rating: 3 },
        add_tag_ids: [await world.tag()],
      }),
  ],
  'POST /books/metadata/fetch': [
    200,
    ({ call }) => call('POST', '/books/metadata/fetch', { title: 'Known' }),
  ],

  'GET /shelves': [200, get('/shelves?include_books=true')],
  'POST /shelves': [201, ({ call }) => call('POST', '/shelves', { name: fresh('Shelf'), color: '#AABBCC' })],
  'GET /shelves/{}': [200, async (world) => world.call('GET', `/shelves/${await world.shelf()}`)],
  'DELETE /shelves/{}': [204, async (world) => world.call('DELETE', `/shelves/${await world.shelf()}`)],
  'PATCH /shelves/{}': [
    200,
    async (world) => world.call('PATCH', `/shelves/${await world.shelf()}`, { name: fresh('Renamed') }),
  ],
  'GET /shelves/{}/books': [
    200,
    async (world) => {
      const shelf = await world.shelf();
      await world.call('POST', `/shelves/${shelf}/books`, { book_ids: [await world.book()] });
      return world.call('GET', `/shelves/${shelf}/books`);
    },
  ],
  'POST /shelves/{}/books': [
    200,
    async (world) =>
      world.call('POST', `/shelves/${await world.shelf()}/books`, { book_ids: [await world.book()] }),
  ],
  'POST /shelves/{}/books/remove': [
    200,
    async (world) =>
      world.call('POST', `/shelves/${await world.shelf()}/books/remove`, { book_ids: [await world.book()] }),
  ],
  'GET /tags': [200, get('/tags?include_counts=true')],
  'POST /tags': [201, ({ call }) => call('POST', '/tags', { name: fresh('tag'), color: '#ff0000' })],
  'GET /tags/{}': [200, async (world) => world.call('GET', `/tags/${await world.tag()}`)],
  'DELETE /tags/{}': [204, async (world) => world.call('DELETE', `/tags/${await world.tag()}`)],
  'PATCH /tags/{}': [
    200,
    async (world) => world.call('PATCH', `/tags/${await world.tag()}`, { description: 'What it means' }),
  ],
  'GET /tags/{}/books': [200, async (world) => world.call('GET', `/tags/${await world.tag()}/books`)],
  'GET /series': [200, get('/series?include_books=true')],
  'POST /series': [201, ({ call }) => call('POST', '/series', { name: fresh('Series'), total_books: 3 })],
  'GET /series/{}': [
    200,
    async (world) => {
      const series = await world.series();
      await world.call('POST', '/books', {
        title: 'First',
        author: 'A',
        series_id: series,
        series_number: 1,
      });
      return world.call('GET', `/series/${series}`);
    },
  ],
  'DELETE /series/{}': [204, async (world) => world.call('DELETE', `/series/${await world.series()}`)],
  'PATCH /series/{}': [
    200,
    async (world) => world.call('PATCH', `/series/${await world.series()}`, { is_complete: true }),
  ],

  'GET /annotations': [
    200,
    async (world) => {
      await world.annotation();
      return world.call('GET', '/annotations?search=line');
    },
  ],
  'POST /annotations/export': [
    200,
    async (world) => {
      await world.annotation();
      return world.call('POST', '/annotations/export', { format: 'markdown' });
    },
  ],
  'GET /books/{}/annotations': [
    200,
    async (world) => {
      const book = await world.book();
      await world.annotation(book);
      return world.call('GET', `/books/${book}/annotations`);
    },
  ],
  'POST /books/{}/annotations': [
    201,
    async (world) => world.call('POST', `/books/${await world.book()}/annotations`, mark),
  ],
  'GET /books/{}/annotations/export': [
    200,
    async (world) => world.call('GET', `/books/${await world.book()}/annotations/export?format=pdf`),
  ],
  'GET /annotations/{}': [
    200,
    async (world) => world.call('GET', `/annotations/${await world.annotation()}`),
  ],
  'DELETE /annotations/{}': [
    204,
    async (world) => world.call('DELETE', `/annotations/${await world.annotation()}`),
  ],
  'PATCH /annotations/{}': [
    200,
    async (world) => world.call('PATCH', `/annotations/${await world.annotation()}`, { note: 'Other' }),
  ],
  'GET /notes': [
    200,
    async (world) => {
      await world.note();
      return world.call('GET', '/notes');
    },
  ],
  'GET /books/{}/notes': [
    200,
    async (world) => {
      const book = await world.book();
      await world.note(book);
      return world.call('GET', `/books/${book}/notes`);
    },
  ],
  'POST /books/{}/notes': [
    201,
    async (world) => world.call('POST', `/books/${await world.book()}/notes`, { title: 'T', content: 'C' }),
  ],
  'GET /notes/{}': [200, async (world) => world.call('GET', `/notes/${await world.note()}`)],
  'DELETE /notes/{}': [204, async (world) => world.call('DELETE', `/notes/${await world.note()}`)],
  'PATCH /notes/{}': [
    200,
    async (world) => world.call('PATCH', `/notes/${await world.note()}`, { is_pinned: true }),
  ],
  'GET /books/{}/bookmarks': [
    200,
    async (world) => {
      const book = await world.book();
      await world.bookmark(book);
      return world.call('GET', `/books/${book}/bookmarks`);
    },
  ],
  'POST /books/{}/bookmarks': [
    201,
    async (world) => world.call('POST', `/books/${await world.book()}/bookmarks`, { position: '0.5' }),
  ],
  'GET /bookmarks/{}': [200, async (world) => world.call('GET', `/bookmarks/${await world.bookmark()}`)],
  'DELETE /bookmarks/{}': [
    204,
    async (world) => world.call('DELETE', `/bookmarks/${await world.bookmark()}`),
  ],
  'PATCH /bookmarks/{}': [
    200,
    async (world) => world.call('PATCH', `/bookmarks/${await world.bookmark()}`, { note: 'Here' }),
  ],

  'GET /progress/sessions': [
    200,
    async (world) => {
      await world.session();
      return world.call('GET', '/progress/sessions?start_date=2026-03-01&end_date=2026-03-01');
    },
  ],
  'POST /progress/sessions': [
    201,
    async (world) => world.call('POST', '/progress/sessions', { book_id: await world.book(), ...session }),
  ],
  'GET /progress/sessions/{}': [
    200,
    async (world) => world.call('GET', `/progress/sessions/${await world.session()}`),
  ],
  'DELETE /progress/sessions/{}': [
    204,
    async (world) => world.call('DELETE', `/progress/sessions/${await world.session()}`),
  ],
  'GET /progress/statistics': [
    200,
    async (world) => {
      await world.session();
      return world.call('GET', '/progress/statistics?start_date=2026-03-01&end_date=2026-03-03');
    },
  ],
  'GET /goals': [
    200,
    async (world) => {
      await world.goal();
      return world.call('GET', '/goals?is_active=true');
    },
  ],
  'POST /goals': [
    201,
    ({ call }) =>
      call('POST', '/goals', {
        title: 'Pages',
        goal_type: 'pages_count',
        target_value: 100,
        time_period: 'yearly',
        ...period,
      }),
  ],
  'GET /goals/{}': [200, async (world) => world.call('GET', `/goals/${await world.goal()}`)],
  'DELETE /goals/{}': [204, async (world) => world.call('DELETE', `/goals/${await world.goal()}`)],
  'PATCH /goals/{}': [
    200,
    async (world) => world.call('PATCH', `/goals/${await world.goal()}`, { target_value: 6 }),
  ],
  'PUT /goals/{}/progress': [
    200,
    async (world) => world.call('PUT', `/goals/${await world.goal()}/progress`, { current_value: 5 }),
  ],

  'GET /sync/changes': [
    200,
    async (world) => {
      await world.book();
      return world.call('GET', '/sync/changes?since=1970-01-01T00:00:00Z&entity_types=book,shelf');
    },
  ],
  'POST /sync/changes': [
    200,
    ({ call }) =>
      call('POST', '/sync/changes', {
        device_id: 'phone',
        changes: [
          {
            entity_type: 'book',
            entity_id: randomUUID(),
            operation: 'create',
            data: { title: 'From the phone', author: 'Ada' },
            timestamp: '2026-03-01T00:00:00Z',
          },
          {
            entity_type: 'book',
            entity_id: randomUUID(),
            operation: 'update',
            data: { rating: 99 },
            timestamp: '2026-03-01T00:00:00Z',
          },
        ],
      }),
  ],
  'GET /sync/status': [200, get('/sync/status')],

  'GET /storage/backends': [
    200,
    async (world) => {
      await world.backend();
      return world.call('GET', '/storage/backends');
    },
  ],
  'POST /storage/backends': [
    201,
    async (world) => {
      await world.removeBackends();
      return world.call('POST', '/storage/backends', {
        backend_type: 'webdav',
        name: 'Attic',
        connection_config: { server_url: 'https://dav.example.org' },
        credentials: { username: 'ada', password: 'secret' },
      });
    },
  ],
  'GET /storage/backends/{}': [
    200,
    async (world) => world.call('GET', `/storage/backends/${await world.backend()}`),
  ],
  'DELETE /storage/backends/{}': [
    204,
    async (world) => world.call('DELETE', `/storage/backends/${await world.backend()}`),
  ],
  'PATCH /storage/backends/{}': [
    200,
    async (world) => world.call('PATCH', `/storage/backends/${await world.backend()}`, { name: 'Cellar' }),
  ],
  'POST /storage/backends/{}/test': [
    200,
    async (world) => world.call('POST', `/storage/backends/${await world.backend('papyrus_server')}/test`),
  ],
  'POST /storage/backends/{}/set-primary': [
    200,
    async (world) =>
      world.call('POST', `/storage/backends/${await world.backend('papyrus_server')}/set-primary`),
  ],
  'POST /files/upload': [
    201,
    (world) =>
      world.upload('POST', '/files/upload', {
        name: 'sent.epub',
        bytes: makeEpub({ title: fresh('Sent'), authors: ['Sender'] }),
      }),
  ],
  'GET /books/{}/file': [
    200,
    async (world) => world.call('GET', `/books/${await world.bookWithFile()}/file`),
  ],
  'DELETE /books/{}/file': [
    204,
    async (world) => world.call('DELETE', `/books/${await world.bookWithFile()}/file`),
  ],

  'GET /reading-profiles': [200, get('/reading-profiles')],
  'POST /reading-profiles': [
    201,
    ({ call }) => call('POST', '/reading-profiles', { name: fresh('Night'), theme_mode: 'dark' }),
  ],
  'GET /reading-profiles/{}': [
    200,
    async (world) => world.call('GET', `/reading-profiles/${await world.profile()}`),
  ],
  'DELETE /reading-profiles/{}': [
    204,
    async (world) => world.call('DELETE', `/reading-profiles/${await world.profile()}`),
  ],
  'PATCH /reading-profiles/{}': [
    200,
    async (world) => world.call('PATCH', `/reading-profiles/${await world.profile()}`, { font_size: 20 }),
  ],
  'POST /reading-profiles/{}/set-default': [
    200,
    async (world) => world.call('POST', `/reading-profiles/${await world.profile()}/set-default`),
  ],
  'GET /saved-filters': [
    200,
    async (world) => {
      await world.filter();
      return world.call('GET', '/saved-filters');
    },
  ],
  'POST /saved-filters': [
    201,
    ({ call }) => call('POST', '/saved-filters', { name: 'Unread', query: 'status:not_started tag:fiction' }),
  ],
  'GET /saved-filters/{}': [
    200,
    async (world) => world.call('GET', `/saved-filters/${await world.filter()}`),
  ],
  'DELETE /saved-filters/{}': [
    204,
    async (world) => world.call('DELETE', `/saved-filters/${await world.filter()}`),
  ],
  'PATCH /saved-filters/{}': [
    200,
    async (world) => world.call('PATCH', `/saved-filters/${await world.filter()}`, { is_pinned: true }),
  ],
  'POST /export/library': [200, ({ call }) => call('POST', '/export/library', { format: 'json' })],
  'POST /export/books': [200, ({ call }) => call('POST', '/export/books', {})],
};

async function putCover(world: World, bookId: string): Promise<Answer> {
  const bytes = await sharp({ create: { width: 60, height: 90, channels: 3, background: '#355' } })
    .png()
    .toBuffer();
  return world.upload('PUT', `/books/${bookId}/cover`, { name: 'cover.png', type: 'image/png', bytes });
}
