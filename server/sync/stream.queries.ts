// The SQL of the stream of books.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { BookFileFacts, ShownRow } from '../library/books.queries.ts';
import type { MediaIds } from '../files/media.queries.ts';

/** A person's bucket: how it is called now, and what is in it up to its newest op. */
export type Bucket = { generation: number; lastOpId: number; count: number; checksum: number };

/** An op with whether a later one, up to the given end, speaks of the same book. */
export type StreamOp = { opId: number; bookId: string; isSuperseded: boolean };

const UINT32 = 2 ** 32;

/** Factors of the op id (Knuth's multiplicative hash) and of the last characters of the book's id. */
const OP_FACTOR = 2_654_435_761;
const ID_FACTORS = [40_503, 65_599, 16_777_619, 2_166_136_261];

/**
 * An op's checksum, in SQL because buckets are summed there. It says which book the op is of: after a power cut an op id may
 * be given once more, and devices must notice that it speaks of another book.
 */
const CHECKSUM = `((op_id * ${OP_FACTOR} + ${ID_FACTORS.map(
  (factor, place) => `unicode(substr(book_id, -${place + 1}, 1)) * ${factor}`,
).join(' + ')}) & 4294967295)`;

/** Returns the checksum the sum over a bucket is made of. */
export const checksumOf = (opId: number, bookId: string): number => {
  let sum = Math.imul(opId % UINT32, OP_FACTOR);
  for (let place = 0; place < ID_FACTORS.length; place += 1)
    sum = (sum + Math.imul(bookId.charCodeAt(bookId.length - 1 - place), ID_FACTORS[place]!)) | 0;
  return sum >>> 0;
};

/**
 * Returns the person's bucket, undefined before they listen for the first time. Of one that is `known` from before only what
 * came since is looked at: until the next generation ops are added and none goes.
 */
export function selectBucket(db: Db, ownerId: string, known: Bucket | undefined): Bucket | undefined {
  const generation = selectGeneration(db, ownerId);
  if (generation === undefined) return undefined;
  const before =
    known?.generation === generation ? known : { generation, lastOpId: 0, count: 0, checksum: 0 };
  const since = statement(
    db.$client,
    `select coalesce(max(op_id), :lastOpId) as lastOpId, count(*) as count, coalesce(sum(${CHECKSUM}), 0) as sum
     from stream_ops where owner_id = :ownerId and op_id > :lastOpId`,
  ).get({ ownerId, lastOpId: before.lastOpId }) as { lastOpId: number; count: number; sum: number };
  return {
    generation,
    lastOpId: since.lastOpId,
    count: before.count + since.count,
    checksum: (before.checksum + (since.sum % UINT32)) % UINT32,
  };
}

/** Returns the bucket's generation alone. */
export const selectGeneration = (db: Db, ownerId: string): number | undefined =>
  (
    statement(db.$client, 'select generation from stream_buckets where owner_id = ?').get(ownerId) as
      | { generation: number }
      | undefined
  )?.generation;

/** Begins the next generation: an op for each book there is, none of what was before. Ids go on rising. */
export function renewBucket(db: Db, ownerId: string): void {
  const { $client } = db;
  statement(
    $client,
    `insert into stream_buckets (owner_id, generation) values (?, 1)
     on conflict do update set generation = generation + 1`,
  ).run(ownerId);
  statement($client, 'delete from stream_ops where owner_id = ?').run(ownerId);
  statement(
    $client,
    `insert into stream_ops (owner_id, book_id)
     select owner_id, book_id from books where owner_id = ? and absent_since is null order by added_at, book_id`,
  ).run(ownerId);
}

/** Returns the ops after `afterOpId` up to `lastOpId`, in order, at most `limit`. */
export function selectOps(
  db: Db,
  ownerId: string,
  { afterOpId, lastOpId, limit }: { afterOpId: number; lastOpId: number; limit: number },
): StreamOp[] {
  const rows = statement(
    db.$client,
    `select op_id as opId, book_id as bookId,
       exists (select 1 from stream_ops l where l.owner_id = o.owner_id and l.book_id = o.book_id
         and l.op_id > o.op_id and l.op_id <= :lastOpId) as isSuperseded
     from stream_ops o
     where owner_id = :ownerId and op_id > :afterOpId and op_id <= :lastOpId
     order by op_id limit :limit`,
  ).all({ ownerId, afterOpId, lastOpId, limit }) as (Omit<StreamOp, 'isSuperseded'> & {
    isSuperseded: number;
  })[];
  return rows.map((row) => ({ ...row, isSuperseded: row.isSuperseded === 1 }));
}

/** How many books of the person a device would have. */
export const countStreamedBooks = (db: Db, ownerId: string): number =>
  (
    statement(
      db.$client,
      'select count(*) as count from books where owner_id = ? and absent_since is null',
    ).get(ownerId) as { count: number }
  ).count;

/**
 * Raises the number of the device's own writes and returns it. It follows the clock, and rises when that does not: also in an
 * older library that was put back it is above every number the device was told.
 */
export function raiseCheckpoint(db: Db, ownerId: string, clientId: string, nowMs: number): number {
  const row = statement(
    db.$client,
    `insert into stream_checkpoints (owner_id, client_id, number, asked_at)
     values (:ownerId, :clientId, :nowMs, :nowMs)
     on conflict do update set number = max(number + 1, excluded.number), asked_at = excluded.asked_at returning number`,
  ).get({ ownerId, clientId, nowMs }) as { number: number };
  return row.number;
}

/** Returns the number of the device's own writes, undefined before the first. */
export const selectCheckpoint = (db: Db, ownerId: string, clientId: string): number | undefined =>
  (
    statement(db.$client, 'select number from stream_checkpoints where owner_id = ? and client_id = ?').get(
      ownerId,
      clientId,
    ) as { number: number } | undefined
  )?.number;

/** Until when the device of this session was told everything, in milliseconds. */
export const selectToldAt = (db: Db, sessionId: string): number | undefined =>
  statement(db.$client, 'select told_at from stream_told where session_id = ?').pluck().get(sessionId) as
    | number
    | undefined;

export const updateToldAt = (db: Db, sessionId: string, toldMs: number): void => {
  statement(
    db.$client,
    `insert into stream_told (session_id, told_at) values (?, ?)
     on conflict do update set told_at = max(told_at, excluded.told_at)`,
  ).run(sessionId, toldMs);
};

/** What a device says of a book's file. */
export type DeviceFile = { format: string | null; sizeBytes: number | null; sha256: string | null };

/** A book as devices are told of it. */
export type StreamedRow = Omit<ShownRow, 'ownerId' | 'absentSince'> &
  MediaIds & { file: BookFileFacts | undefined; deviceFile: DeviceFile | undefined };

/** Gives these books the files that lie on a device alone. */
export function withDeviceFiles<Book extends { bookId: string }>(
  db: Db,
  books: readonly Book[],
): (Book & { deviceFile: DeviceFile | undefined })[] {
  const rows = statement(
    db.$client,
    `select book_id as bookId, format, size_bytes as sizeBytes, sha256 from device_files
     where book_id in (select value from json_each(?))`,
  ).all(JSON.stringify(books.map(({ bookId }) => bookId))) as (DeviceFile & { bookId: string })[];
  const files = new Map(rows.map(({ bookId, ...file }) => [bookId, file]));
  return books.map((book) => Object.assign(book, { deviceFile: files.get(book.bookId) }));
}
