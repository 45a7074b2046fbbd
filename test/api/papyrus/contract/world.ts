// One account with one of everything, for requests that need something to be about.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerOptions } from '../../../../server/options.ts';
import { makeEpub } from '../../../support/make-epub.ts';
import type { Answer, Asked } from '../../../support/client.ts';
import { OWNER, startTestServer } from '../../../support/server.ts';
import type { TestServer } from '../../../support/server.ts';

export type World = {
  server: TestServer;
  /** Asks under /api/v1 as the account's owner. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same with more said of the request. */
  send(path: string, asked: Asked): Promise<Answer>;
  /** Sends one file in a form, with other fields. */
  upload(method: string, path: string, file: FormFile, fields?: Record<string, string>): Promise<Answer>;
  /** The upload of whoever asks by `send`. */
  uploadBy(send: World['send']): World['upload'];
  /** The owner's header. */
  authorization: string;
  /** Asks with a POST and returns what the answer has under `key`. */
  make(path: string, body: unknown, key: string): Promise<string>;
  book(): Promise<string>;
  shelf(): Promise<string>;
  tag(): Promise<string>;
  series(): Promise<string>;
  annotation(bookId?: string): Promise<string>;
  note(bookId?: string): Promise<string>;
  bookmark(bookId?: string): Promise<string>;
  session(): Promise<string>;
  goal(): Promise<string>;
  profile(): Promise<string>;
  filter(): Promise<string>;
  /** Makes a storage backend; those before it go, for three are the most. */
  backend(kind?: string): Promise<string>;
  removeBackends(): Promise<void>;
  /** A book with an uploaded file. */
  bookWithFile(): Promise<string>;
  /** Signs up somebody else and returns how they ask. */
  somebody(): Promise<{ email: string; call: World['call']; refreshToken: string; authorization: string }>;
  close(): Promise<void>;
};

export type FormFile = { field?: string; name: string; type?: string; bytes: Uint8Array };

export const PASSWORD = OWNER.password;
let count = 0;
/** A name nobody had before. */
export const fresh = (word: string): string => `${word} ${++count}`;

/** Starts a server whose owner has claimed it. */
export async function openWorld(options: Partial<ServerOptions> = {}): Promise<World> {
  const source = await startSource();
  const server = await startTestServer({
    options: { allowNetworks: ['127.0.0.1/32'], ...options },
    ports: { metadataSources: { openLibrary: source.url, googleBooks: source.url } },
    files: { 'found.epub': makeEpub({ title: 'Found', authors: ['Finder'] }) },
  });
  const token = await server.claim();
  const asking =
    (bearer: string): World['call'] =>
    (method, path, body) =>
      server.papyrus(method, path, body, bearer);
  const call = asking(token);
  const make: World['make'] = async (path, body, key) => {
    const answer = await call('POST', path, body);
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status} ${answer.text}`);
    return (answer.json() as Record<string, string>)[key]!;
  };
  const send: World['send'] = (path, asked) =>
    server.get(`/api/v1${path}`, {
      ...asked,
      headers: { authorization: `Bearer ${token}`, ...asked.headers },
    });
  const uploadBy: World['uploadBy'] =
    (sending) =>
    (method, path, file, fields = {}) => {
      const form = formOf(file, fields);
      return sending(path, { method, raw: form.bytes, headers: { 'content-type': form.type } });
    };
  const world: World = {
    server,
    call,
    make,
    send,
    upload: uploadBy(send),
    uploadBy,
    authorization: `Bearer ${token}`,
    book: () => make('/books', { title: fresh('A book'), author: 'Ada' }, 'book_id'),
    shelf: () => make('/shelves', { name: fresh('Shelf') }, 'shelf_id'),
    tag: () => make('/tags', { name: fresh('tag'), color: '#112233' }, 'tag_id'),
    series: () => make('/series', { name: fresh('Series') }, 'series_id'),
    annotation: async (bookId) =>
      make(
        `/books/${bookId ?? (await world.book())}/annotations`,
        { selected_text: 'A line', start_position: '/2/4!/1:0', end_position: '/2/4!/1:6', note: 'Mine' },
        'annotation_id',
      ),
    note: async (bookId) =>
      make(`/books/${bookId ?? (await world.book())}/notes`, { title: 'A note', content: '*So*' }, 'note_id'),
    bookmark: async (bookId) =>
      make(`/books/${bookId ?? (await world.book())}/bookmarks`, { position: '0.25' }, 'bookmark_id'),
    session: async () =>
      make(
        '/progress/sessions',
        { book_id: await world.book(), start_time: '2026-03-01T10:00:00Z', end_time: '2026-03-01T10:31:59Z' },
        'session_id',
      ),
    goal: () =>
      make(
        '/goals',
        {
          title: 'Twelve books',
          goal_type: 'books_count',
          target_value: 12,
          time_period: 'yearly',
          start_date: '2026-01-01',
          end_date: '2026-12-31',
        },
        'goal_id',
      ),
    profile: () => make('/reading-profiles', { name: fresh('Profile') }, 'profile_id'),
    filter: () => make('/saved-filters', { name: fresh('Filter'), query: 'status:reading' }, 'filter_id'),
    backend: async (kind = 'local') => {
      await world.removeBackends();
      return make('/storage/backends', { backend_type: kind, name: fresh('Disk') }, 'backend_id');
    },
    removeBackends: async () => {
      const { backends } = (await call('GET', '/storage/backends')).json() as {
        backends: { backend_id: string }[];
      };
      for (const { backend_id } of backends) await call('DELETE', `/storage/backends/${backend_id}`);
    },
    bookWithFile: async () => {
      const file = { name: 'given.epub', bytes: makeEpub({ title: fresh('Given'), authors: ['Giver'] }) };
      const uploaded = await world.upload('POST', '/files/upload', file);
      if (uploaded.status !== 201) throw new Error(`the upload answered ${uploaded.status} ${uploaded.text}`);
      const { file_path } = uploaded.json() as { file_path: string };
      return make('/books', { title: fresh('Given'), author: 'Giver', file_path }, 'book_id');
    },
    somebody: async () => {
      const email = `${fresh('reader').replace(' ', '')}@example.org`;
      const answer = await server.papyrus('POST', '/auth/register', { ...OWNER, email });
      if (answer.status !== 201) throw new Error(`signing up answered ${answer.status} ${answer.text}`);
      const { access_token, refresh_token } = answer.json() as Record<string, string>;
      return {
        email,
        call: asking(access_token!),
        refreshToken: refresh_token!,
        authorization: `Bearer ${access_token!}`,
      };
    },
    close: async () => {
      await server.close();
      source.close();
    },
  };
  return world;
}

/** A source of metadata that knows one book. */
async function startSource(): Promise<{ url: string; close(): void }> {
  const found = { docs: [{ title: 'Known', author_name: ['Ada'], isbn: ['9780441478125'] }] };
  const source = createServer((_req, res) => res.end(JSON.stringify(found)));
  await new Promise<void>((done) => source.listen(0, '127.0.0.1', done));
  const { port } = source.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => source.close() };
}

/** A form with one file (RFC 7578). */
export function formOf(
  file: FormFile,
  fields: Record<string, string> = {},
): { bytes: Uint8Array; type: string } {
  const line = 'a-line-between-parts';
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${line}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${line}\r\nContent-Disposition: form-data; name="${file.field ?? 'file'}"; filename="${file.name}"\r\nContent-Type: ${file.type ?? 'application/octet-stream'}\r\n\r\n`;
  return {
    bytes: Buffer.concat([
      Buffer.from(parts.join('') + head),
      file.bytes,
      Buffer.from(`\r\n--${line}--\r\n`),
    ]),
    type: `multipart/form-data; boundary=${line}`,
  };
}
