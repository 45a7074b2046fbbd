// The diary: which tables are synced, and the triggers that log every change of theirs by themselves.
import type Database from 'better-sqlite3';
import { statement } from './statements.ts';
import type { FieldTimes, Said } from './times.ts';

/**
 * Synced tables with their id columns, and what a person says of a row, by the names the schema gives the columns: when
 * each was said last is kept, so that what two devices said of different things both stays. Each has owner_id and version.
 */
const SYNCED: readonly {
  table: string;
  id: string;
  entity: string;
  said: readonly string[];
  /** Columns that change without a change of the row: whoever changes what they are made of says it. */
  quiet?: readonly string[];
}[] = [
  {
    table: 'books',
    id: 'book_id',
    entity: 'book',
    said: [
      'title', 'subtitle', 'authors', 'isbn', 'isbn13', 'publishedOn', 'publisher', 'language', 'pageCount', 'description',
      'coverImageUrl', 'seriesId', 'seriesIndex', 'isPhysical', 'physicalLocation', 'lentTo', 'lentAt', 'isFavorite', 'rating',
      'reviewNote', 'status', 'progress', 'customMetadata',
    ], // prettier-ignore
    quiet: ['file_bytes', 'file_formats'],
  },
  {
    table: 'series',
    id: 'series_id',
    entity: 'series',
    said: ['name', 'description', 'author', 'totalBooks', 'isComplete'],
  },
  { table: 'annotations', id: 'annotation_id', entity: 'annotation', said: ['note', 'color', 'drawer'] },
  { table: 'bookmarks', id: 'bookmark_id', entity: 'bookmark', said: ['note', 'color'] },
  { table: 'notes', id: 'note_id', entity: 'note', said: ['title', 'content', 'isPinned'] },
  {
    table: 'shelves',
    id: 'shelf_id',
    entity: 'shelf',
    said: ['name', 'description', 'color', 'icon', 'parentShelfId', 'isSmart', 'smartQuery', 'sortOrder'],
  },
  { table: 'tags', id: 'tag_id', entity: 'tag', said: ['name', 'color', 'description'] },
  {
    table: 'reading_sessions',
    id: 'session_id',
    entity: 'reading_session',
    said: ['startedAt', 'endedAt', 'startPosition', 'endPosition', 'pagesRead', 'deviceType', 'deviceName'],
  },
  {
    table: 'reading_goals',
    id: 'goal_id',
    entity: 'reading_goal',
    said: ['title', 'description', 'targetValue', 'endDate', 'isActive'],
  },
  {
    table: 'reading_profiles',
    id: 'profile_id',
    entity: 'reading_profile',
    said: ['name', 'isDefault'],
  },
  { table: 'read_books', id: 'read_book_id', entity: 'read_book', said: [] },
];

/** Where a book stands and what it is called are part of the book: to change them is to change it. */
const MEMBERSHIPS = [
  { table: 'shelf_books', id: 'shelf_id' },
  { table: 'book_tags', id: 'tag_id' },
] as const;

export type Writer = { deviceId: string | null; nowMs: number };

/** The number of the diary's newest entry. Not of the newest row: a person who leaves takes theirs along, and the number must never go back. */
export const newestEntry = (db: Database.Database): number =>
  (statement(db, "select seq from sqlite_sequence where name = 'changes'").pluck().get() as
    | number
    | undefined) ?? 0;

/** Whose things changed after an entry of the diary. Without an index SQLite goes by seq; by that of owners it would go through all of it. */
export const ownersAfter = (db: Database.Database, seq: number): string[] =>
  statement(db, 'select distinct owner_id from changes not indexed where seq > ?')
    .pluck()
    .all(seq) as string[];

/**
 * A person's moments strictly rise, whatever the clock does: who asks for what came after one misses nothing and gets
 * nothing twice.
 */
const momentOf = (owner: string) =>
  `max(diary_now(), 1 + coalesce((select max(changed_at) from changes where owner_id = ${owner}), 0))`;

/**
 * Installs the triggers on this connection. They are temporary: migrations and outside tools never meet them.
 * An update that leaves `version` alone raises it by one, at the price of writing the row and its indexes twice; one that
 * raises it by one itself is logged alike.
 */
export function installDiary(db: Database.Database, times: FieldTimes, writer: () => Writer): void {
  db.function('diary_device', () => writer().deviceId);
  db.function('diary_now', () => writer().nowMs);
  db.function('times_said', (id, owner, said) => {
    const fields = JSON.parse(said as string) as Record<string, Said | null>;
    times.note({ entityId: id as string, ownerId: owner as string, said: fields });
    return null;
  });
  db.function('times_gone', (id, owner) => {
    times.note({ entityId: id as string, ownerId: owner as string, said: undefined });
    return null;
  });
  for (const { table, id, entity, said, quiet = [] } of SYNCED) {
    const log = (row: 'new' | 'old', operation: string, version: string) =>
      `insert into changes (owner_id, entity_type, entity_id, operation, version, device_id, changed_at)
       values (${row}.owner_id, '${entity}', ${row}.${id}, '${operation}', ${version}, diary_device(), ${momentOf(`${row}.owner_id`)});`;
    const isLoud = quiet.map((column) => ` and new.${column} is old.${column}`).join('');
    db.exec(`
      create temp trigger diary_${table}_insert after insert on main.${table} begin
        ${log('new', 'create', 'new.version')}
      end;
      create temp trigger diary_${table}_update after update on main.${table} when new.version = old.version${isLoud} begin
        update ${table} set version = old.version + 1 where ${id} = new.${id};
      end;
      create temp trigger diary_${table}_version after update of version on main.${table}
      when new.version = old.version + 1 begin
        ${log('new', 'update', 'new.version')}
      end;
      create temp trigger diary_${table}_delete after delete on main.${table} begin
        ${log('old', 'delete', 'old.version + 1')}
        delete from field_times where entity_id = old.${id};
        select times_gone(old.${id}, old.owner_id);
      end;`);
    if (said.length > 0) noteTimes(db, { table, id, said, times, writer });
  }
  // The look of a page is many words in one column.
  db.exec(`
    create temp trigger times_of_look after update of appearance on main.reading_profiles
    when new.appearance is not old.appearance begin
      select times_said(new.profile_id, new.owner_id,
        json_group_object('look.' || word.key, json_array(diary_now(), old.version + 1)))
      from json_each(new.appearance) as word
      where word.value is not json_extract(old.appearance, '$."' || word.key || '"');
    end;`);
  for (const { table, id } of MEMBERSHIPS) {
    for (const [operation, row, mark, opposite] of [
      ['insert', 'new', '+', '-'],
      ['delete', 'old', '-', '+'],
    ] as const) {
      db.exec(`
        create temp trigger diary_${table}_${operation} after ${operation} on main.${table} begin
          select times_said(book_id, owner_id,
            json_object('${mark}' || ${row}.${id}, json_array(diary_now(), version + 1), '${opposite}' || ${row}.${id}, null))
          from books where book_id = ${row}.book_id;
          update books set updated_at = diary_now() where book_id = ${row}.book_id;
        end;`);
    }
  }
  followStream(db);
}

/**
 * Notes what the stream must tell: every change of a book, of its files and of the name of its series, for people who
 * have listened before (sync/stream.ts).
 */
function followStream(db: Database.Database): void {
  const streams = (row: 'new' | 'old') =>
    `exists (select 1 from stream_buckets where owner_id = ${row}.owner_id)`;
  const note = (row: 'new' | 'old') =>
    `insert into stream_ops (owner_id, book_id) values (${row}.owner_id, ${row}.book_id);`;
  db.exec(`
    create temp trigger stream_books_insert after insert on main.books when ${streams('new')} begin
      ${note('new')}
    end;
    create temp trigger stream_books_update after update on main.books
      when new.version <> old.version and ${streams('new')} begin
      ${note('new')}
    end;
    create temp trigger stream_books_delete after delete on main.books when ${streams('old')} begin
      ${note('old')}
    end;
    create temp trigger stream_series_update after update of name on main.series
      when new.name <> old.name and ${streams('new')} begin
      insert into stream_ops (owner_id, book_id)
        select owner_id, book_id from books where series_id = new.series_id;
    end;`);
  for (const [event, row] of [
    ['insert', 'new'],
    ['update', 'new'],
    ['delete', 'old'],
  ] as const) {
    db.exec(`
      create temp trigger stream_stored_files_${event} after ${event} on main.stored_files
        when ${row}.book_id is not null and ${streams(row)} begin
        ${note(row)}
      end;`);
  }
}

/** Notes which fields of a row say something new, and with which version of it. */
function noteTimes(
  db: Database.Database,
  {
    table,
    id,
    said,
    times,
    writer,
  }: { table: string; id: string; said: readonly string[]; times: FieldTimes; writer: () => Writer },
): void {
  const columns = said.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const differs = columns.map((column) => `(new.${column} is not old.${column})`);
  // One number with a bit for each field: the function is called for every row there is.
  db.function(`times_of_${table}`, (entityId, ownerId, version, bits) => {
    const last: Said = [writer().nowMs, version as number];
    const changed: Record<string, Said> = {};
    said.forEach((name, index) => {
      if (((bits as number) >> index) & 1) changed[name] = last;
    });
    times.note({ entityId: entityId as string, ownerId: ownerId as string, said: changed });
    return null;
  });
  db.exec(`
    create temp trigger times_${table} after update of ${columns.join(', ')} on main.${table}
    when ${differs.join(' or ')} begin
      select times_of_${table}(new.${id}, new.owner_id, old.version + 1, ${differs.map((each, index) => `(${each} << ${index})`).join(' | ')});
    end;`);
}
