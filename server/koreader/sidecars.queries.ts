// The SQL of KOReader's sidecars.
import type { Db } from '../catalogue/db.ts';
import { eq, sql } from 'drizzle-orm';
import { formsOf } from '../base/names.ts';
import { koreaderSidecars } from '../catalogue/schema/index.ts';
import type { DeviceSays } from '../catalogue/schema/marks.ts';
import { insertRow, readerOf, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';
import type { SeenFile } from '../library/intake.queries.ts';
import { compareOpening } from './opening-order.ts';
import type { Candidate } from './opening-order.ts';

export type SidecarRow = typeof koreaderSidecars.$inferSelect;
export type PlacedSidecar = SidecarRow & Pick<Candidate, 'folderKind'>;

const byPath = (db: Db) =>
  db
    .select()
    .from(koreaderSidecars)
    .where(eq(koreaderSidecars.path, sql.placeholder('path')))
    .prepare();
const placedReader = readerOf<typeof koreaderSidecars, Pick<Candidate, 'folderKind'>>(koreaderSidecars, {
  folderKind: '(select kind from library_folders f where f.folder_id = koreader_sidecars.folder_id)',
});
const byId = (db: Db) =>
  db
    .select()
    .from(koreaderSidecars)
    .where(eq(koreaderSidecars.sidecarId, sql.placeholder('sidecarId')))
    .prepare();

export const selectSidecarByPath = (db: Db, path: Buffer): SidecarRow | undefined =>
  query(db, byPath).get({ path });

/** The sidecars of a book, the one KOReader opens first. */
export const selectSidecarsOfBook = (db: Db, bookId: string): PlacedSidecar[] =>
  (
    statement(db.$client, `select ${placedReader.columns} from koreader_sidecars where book_id = ?`)
      .raw()
      .all(bookId) as unknown[][]
  )
    .map(placedReader.recordOf)
    .sort(
      (a, b) => compareOpening(a, b) || b.modifiedMs - a.modifiedMs || (a.sidecarId < b.sidecarId ? -1 : 1),
    );

/** What kind of folder of the library this is. */
export const selectFolderKind = (db: Db, folderId: string): Candidate['folderKind'] =>
  statement(db.$client, 'select kind from library_folders where folder_id = ?')
    .pluck()
    .get(folderId) as Candidate['folderKind'];

/** Adds the sidecar's row or replaces what it says. */
export function putSidecar(db: Db, row: typeof koreaderSidecars.$inferInsert): void {
  insertRow(db, koreaderSidecars, row, koreaderSidecars.path);
}

export const deleteSidecar = (db: Db, sidecarId: string): void => {
  db.delete(koreaderSidecars).where(eq(koreaderSidecars.sidecarId, sidecarId)).run();
};

/** The sidecars of a folder by path, `limit` after the given one. */
export const selectSeenSidecars = (db: Db, folderId: string, afterPath: Buffer, limit: number): SeenFile[] =>
  statement(
    db.$client,
    `select sidecar_id as fileId, path, size_bytes as sizeBytes, modified_ms as modifiedMs, reader_version as readerVersion,
            failure_reason as failureReason
     from koreader_sidecars where folder_id = ? and path > ? order by path limit ?`,
  ).all(folderId, afterPath, limit) as SeenFile[];

/** The books of readable files with this name, in whichever form of Unicode; two at most. */
export const selectBooksByFileName = (db: Db, ownerId: string, name: string): string[] =>
  (
    statement(
      db.$client,
      `select distinct book_id as id from book_files
       where owner_id = ? and name in (select value from json_each(?)) and book_id is not null limit 2`,
    ).all(ownerId, JSON.stringify(formsOf(name))) as { id: string }[]
  ).map((row) => row.id);

export const selectSidecar = (db: Db, sidecarId: string): SidecarRow | undefined =>
  query(db, byId).get({ sidecarId });

export const updateSidecar = (
  db: Db,
  sidecarId: string,
  change: Partial<typeof koreaderSidecars.$inferInsert>,
): void => updateRow(db, koreaderSidecars, koreaderSidecars.sidecarId, sidecarId, change);

/** The folders an owner's files may lie below. */
export const selectFolderPaths = (db: Db, ownerId: string): Buffer[] =>
  (
    statement(db.$client, 'select path from library_folders where owner_id = ?').all(ownerId) as {
      path: Buffer;
    }[]
  ).map((row) => row.path);

const SPOKEN_OF = `has_sidecar = 1 and 'person' in
  (json_extract(origins, '$.rating'), json_extract(origins, '$.status'), json_extract(origins, '$.reviewNote'))`;

type SpokenOf = { ownerId: string; bookId: string };

/** Books with a sidecar whose rating, status or review a person gave; only those that changed after this entry of the diary. */
export const selectBooksSpokenOf = (db: Db, afterSeq?: number): SpokenOf[] =>
  afterSeq === undefined
    ? (statement(
        db.$client,
        `select owner_id as ownerId, book_id as bookId from books where ${SPOKEN_OF} order by book_id`,
      ).all() as SpokenOf[])
    : (statement(
        db.$client,
        `select owner_id as ownerId, book_id as bookId from books
         where book_id in (select entity_id from changes where seq > ? and entity_type = 'book') and ${SPOKEN_OF} order by book_id`,
      ).all(afterSeq) as SpokenOf[]);

/** A mark under whose words the device's own are kept. */
export type SpokenMark = {
  kind: 'highlight' | 'bookmark';
  koreaderKey: string;
  sidecarId: string | null;
  note: string | null;
  color: string | null;
  drawer: string | null;
  deviceSays: DeviceSays;
};

/** The marks of a book that a person changed, in no order. */
export function selectMarksSpokenOf(db: Db, bookId: string): SpokenMark[] {
  const columns = 'koreader_key as koreaderKey, sidecar_id as sidecarId, note, color';
  const rows = statement(
    db.$client,
    `select 'highlight' as kind, ${columns}, drawer, device_says as deviceSays from annotations
     where book_id = :bookId and device_says is not null and koreader_key is not null
     union all select 'bookmark', ${columns}, null, device_says from bookmarks
     where book_id = :bookId and device_says is not null and koreader_key is not null`,
  ).all({ bookId }) as (Omit<SpokenMark, 'deviceSays'> & { deviceSays: string })[];
  return rows.map((row) => ({ ...row, deviceSays: JSON.parse(row.deviceSays) as DeviceSays }));
}

/** Whether the file does not say a word of the person; colours of the apps are no words of KOReader's and always seem so. */
const saysOtherwise = (field: 'note' | 'color' | 'drawer') =>
  `(device_says -> '$.${field}' is not null and device_says ->> '$.${field}.is' is not ${field})`;
const SAYS_OTHERWISE = `(${saysOtherwise('note')} or ${saysOtherwise('color')})`;

/**
 * Books whose marks a person changed or removed, other than their devices say; only those where one of the person's devices
 * did so after this entry of the diary.
 */
export const selectBooksWithMarksSpokenOf = (db: Db, afterSeq?: number): SpokenOf[] =>
  afterSeq === undefined
    ? (statement(
        db.$client,
        `select owner_id as ownerId, book_id as bookId from annotations
           where device_says is not null and (${SAYS_OTHERWISE} or ${saysOtherwise('drawer')})
         union select owner_id, book_id from bookmarks where device_says is not null and ${SAYS_OTHERWISE}
         union select owner_id, book_id from removed_marks order by bookId`,
      ).all() as SpokenOf[])
    : (statement(
        db.$client,
        `with said as materialized (
           select entity_id as id from changes
           where seq > ? and device_id is not null and entity_type in ('annotation', 'bookmark')
         )
         select owner_id as ownerId, book_id as bookId from annotations
           where annotation_id in (select id from said) and device_says is not null
         union select owner_id, book_id from bookmarks
           where bookmark_id in (select id from said) and device_says is not null
         union select owner_id, book_id from removed_marks where mark_id in (select id from said) order by bookId`,
      ).all(afterSeq) as SpokenOf[]);

/** Books with a sidecar KOReader could not open again. */
export const selectBooksWithBrokenSidecars = (db: Db): SpokenOf[] =>
  statement(
    db.$client,
    `select distinct owner_id as ownerId, book_id as bookId from koreader_sidecars indexed by koreader_sidecars_fails
     where fails_in_koreader = 1 and book_id is not null order by book_id`,
  ).all() as SpokenOf[];
