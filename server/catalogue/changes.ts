// The diary: which tables are synced, and the triggers that log every change of theirs by themselves.
import type Database from 'better-sqlite3';

/** Synced tables with their id columns. Each has owner_id and version. */
const SYNCED = [
  { table: 'books', id: 'book_id', entity: 'book' },
  { table: 'series', id: 'series_id', entity: 'series' },
  { table: 'annotations', id: 'annotation_id', entity: 'annotation' },
  { table: 'bookmarks', id: 'bookmark_id', entity: 'bookmark' },
  { table: 'notes', id: 'note_id', entity: 'note' },
  { table: 'shelves', id: 'shelf_id', entity: 'shelf' },
  { table: 'tags', id: 'tag_id', entity: 'tag' },
  { table: 'reading_sessions', id: 'session_id', entity: 'reading_session' },
  { table: 'reading_goals', id: 'goal_id', entity: 'reading_goal' },
  { table: 'reading_profiles', id: 'profile_id', entity: 'reading_profile' },
  { table: 'read_books', id: 'read_book_id', entity: 'read_book' },
] as const;

/** Where a book stands and what it is called are part of the book: to change them is to change it. */
const MEMBERSHIPS = ['shelf_books', 'book_tags'] as const;

export type Writer = { deviceId: string | null; nowMs: number };

/**
 * Installs the triggers on this connection. They are temporary: migrations and outside tools never meet them.
 * An update that leaves `version` alone raises it by one.
 */
export function installDiary(db: Database.Database, writer: () => Writer): void {
  db.function('diary_device', () => writer().deviceId);
  db.function('diary_now', () => writer().nowMs);
  for (const { table, id, entity } of SYNCED) {
    const log = (row: 'new' | 'old', operation: string, version: string) =>
      `insert into changes (owner_id, entity_type, entity_id, operation, version, device_id, changed_at)
       values (${row}.owner_id, '${entity}', ${row}.${id}, '${operation}', ${version}, diary_device(), diary_now());`;
    db.exec(`
      create temp trigger diary_${table}_insert after insert on main.${table} begin
        ${log('new', 'create', 'new.version')}
      end;
      create temp trigger diary_${table}_update after update on main.${table} when new.version = old.version begin
        update ${table} set version = old.version + 1 where ${id} = new.${id};
        ${log('new', 'update', 'old.version + 1')}
      end;
      create temp trigger diary_${table}_delete after delete on main.${table} begin
        ${log('old', 'delete', 'old.version + 1')}
      end;`);
  }
  for (const table of MEMBERSHIPS) {
    for (const [operation, row] of [
      ['insert', 'new'],
      ['delete', 'old'],
    ] as const) {
      db.exec(`
        create temp trigger diary_${table}_${operation} after ${operation} on main.${table} begin
          update books set updated_at = diary_now() where book_id = ${row}.book_id;
        end;`);
    }
  }
}
