// Keeps what lists sort and narrow books by of their files: the size of the largest one and all their formats.
import type Database from 'better-sqlite3';

/**
 * Installs the triggers on this connection; they are temporary, as the diary's are. The book's version stays: who changes
 * files says so of the book (library/intake.ts).
 */
export function keepFileFacts(db: Database.Database): void {
  const note = (row: 'new' | 'old') =>
    `update books set (file_bytes, file_formats) = (
       select max(size_bytes), ' ' || group_concat(format, ' ') || ' ' from book_files where book_id = ${row}.book_id
     ) where book_id = ${row}.book_id;`;
  db.exec(`
    create temp trigger facts_of_new_file after insert on main.book_files when new.book_id is not null begin
      ${note('new')}
    end;
    create temp trigger facts_of_changed_file after update of book_id, size_bytes, format on main.book_files
    when new.book_id is not old.book_id or new.size_bytes <> old.size_bytes or new.format is not old.format begin
      ${note('old')}
      ${note('new')}
    end;
    create temp trigger facts_of_gone_file after delete on main.book_files when old.book_id is not null begin
      ${note('old')}
    end;`);
}
