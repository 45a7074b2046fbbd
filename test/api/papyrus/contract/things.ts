// One of everything, made over the API by whoever asks.
import { formOf } from '../../../support/form.ts';
import type { FormFile } from '../../../support/form.ts';
import { makeEpub } from '../../../support/make-epub.ts';
import type { Answer, Asked } from '../../../support/client.ts';

/** How a person asks under /api/v1. */
export type Asking = {
  call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** The same with more said of the request. */
  send: (path: string, asked: Asked) => Promise<Answer>;
};

/** Sends one file in a form, with other fields. */
export type Upload = (
  method: string,
  path: string,
  file: FormFile,
  fields?: Record<string, string>,
) => Promise<Answer>;

export type Things = Asking & {
  upload: Upload;
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
  /** An uploaded file no book has. */
  file(): Promise<string>;
  /** A file of a book, by the id media have. */
  asset(): Promise<string>;
  /** A book with an uploaded file. */
  bookWithFile(): Promise<string>;
};

let count = 0;
/** A name nobody had before. */
export const fresh = (word: string): string => `${word} ${++count}`;

/** The upload of whoever asks by `send`. */
export const uploadBy =
  (send: Asking['send']): Upload =>
  (method, path, file, fields) =>
    send(path, { method, ...formOf(file, fields) });

/** Returns what makes things for who asks; each is new, and its id is returned. */
export function thingsOf({ call, send }: Asking): Things {
  const make = async (path: string, body: unknown, key: string): Promise<string> =>
    madeId(await call('POST', path, body), key);
  const things: Things = {
    call,
    send,
    upload: uploadBy(send),
    book: () => make('/books', { title: fresh('A book'), author: 'Ada' }, 'book_id'),
    shelf: () => make('/shelves', { name: fresh('Shelf') }, 'shelf_id'),
    tag: () => make('/tags', { name: fresh('tag'), color: '#112233' }, 'tag_id'),
    series: () => make('/series', { name: fresh('Series') }, 'series_id'),
    annotation: async (bookId) =>
      make(
        `/books/${bookId ?? (await things.book())}/annotations`,
        { selected_text: 'A line', start_position: '/2/4!/1:0', end_position: '/2/4!/1:6', note: 'Mine' },
        'annotation_id',
      ),
    note: async (bookId) =>
      make(
        `/books/${bookId ?? (await things.book())}/notes`,
        { title: 'A note', content: '*So*' },
        'note_id',
      ),
    bookmark: async (bookId) =>
      make(`/books/${bookId ?? (await things.book())}/bookmarks`, { position: '0.25' }, 'bookmark_id'),
    session: async () =>
      make(
        '/progress/sessions',
        {
          book_id: await things.book(),
          start_time: '2026-03-01T10:00:00Z',
          end_time: '2026-03-01T10:31:59Z',
        },
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
      await things.removeBackends();
      return make('/storage/backends', { backend_type: kind, name: fresh('Disk') }, 'backend_id');
    },
    removeBackends: async () => {
      const { backends } = (await call('GET', '/storage/backends')).json() as {
        backends: { backend_id: string }[];
      };
      for (const { backend_id } of backends) await call('DELETE', `/storage/backends/${backend_id}`);
    },
    file: async () => {
      const file = { name: 'given.epub', bytes: makeEpub({ title: fresh('Given'), authors: ['Giver'] }) };
      const uploaded = await things.upload('POST', '/files/upload', file);
      return madeId(uploaded, 'file_path');
    },
    asset: async () => {
      const fields = { book_id: await things.book(), kind: 'book_file' };
      const file = { name: 'media.epub', bytes: makeEpub({ title: fresh('Media'), authors: ['Giver'] }) };
      const given = await things.upload('POST', '/media', file, fields);
      return madeId(given, 'asset_id');
    },
    bookWithFile: async () => {
      const file_path = await things.file();
      return make('/books', { title: fresh('Given'), author: 'Giver', file_path }, 'book_id');
    },
  };
  return things;
}

function madeId(answer: Answer, key: string): string {
  if (answer.status !== 201) throw new Error(`making ${key} was answered ${answer.status} ${answer.text}`);
  return (answer.json() as Record<string, string>)[key]!;
}
