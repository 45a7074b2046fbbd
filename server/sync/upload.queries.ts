// The SQL of what devices send back over the stream.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { DeviceFile } from './stream.queries.ts';

/** Whose book this is; undefined when there is none by this id. */
export const selectOwnerOfBook = (db: Db, bookId: string): string | undefined =>
  (
    statement(db.$client, 'select owner_id as ownerId from books where book_id = ?').get(bookId) as
      | { ownerId: string }
      | undefined
  )?.ownerId;

/** Who wrote this version of a thing and when; undefined where the diary has forgotten it. */
export const selectWriter = (
  db: Db,
  bookId: string,
  version: number,
): { deviceId: string | null; changedMs: number } | undefined =>
  statement(
    db.$client,
    `select device_id as deviceId, changed_at as changedMs from changes
     where entity_type = 'book' and entity_id = ? and version = ? limit 1`,
  ).get(bookId, version) as ReturnType<typeof selectWriter>;

/** Keeps what a device says of its file of the book; null forgets it. */
export function putDeviceFile(db: Db, bookId: string, file: DeviceFile | null): void {
  if (file === null) {
    statement(db.$client, 'delete from device_files where book_id = ?').run(bookId);
    return;
  }
  statement(
    db.$client,
    `insert into device_files (book_id, format, size_bytes, sha256) values (:bookId, :format, :sizeBytes, :sha256)
     on conflict do update set format = excluded.format, size_bytes = excluded.size_bytes, sha256 = excluded.sha256`,
  ).run({ bookId, ...file });
}
