// The SQL of searching inside the text of books: passages in and out, and which files are still to be read.
import type { BookFormat } from '../formats/formats.ts';
import type { Db } from '../catalogue/db.ts';
import { TEXT_FORMATS } from '../formats/formats.ts';
import { inflateRawSync } from 'node:zlib';
import { FOLD_VERSION, fold } from '../base/fold.ts';
import { spacedWords } from '../base/spaced-words.ts';
import { statement } from '../catalogue/statements.ts';

/** Passages beyond these are not counted: nobody turns to them, and each costs. */
const MAX_FOUND = 5_000;

/** Ids of the passages in which each folded word begins a word: the best first, ties by id. Books that are not listed are left out. */
export function selectFoundPassages(db: Db, ownerId: string, words: readonly string[]): number[] {
  const phrases = words.map(spacedWords).filter((phrase) => /[\p{Letter}\p{Number}]/u.test(phrase));
  if (phrases.length === 0) return [];
  return statement(
    db.$client,
    `select p.passage_id from text_passages_index i
     join text_passages p on p.passage_id = i.rowid
     join book_files f on f.file_id = p.file_id
     join books b on b.book_id = f.book_id
     where i.text_passages_index match ? and p.owner_id = ? and b.owner_id = p.owner_id and b.absent_since is null
     order by i.rank, p.passage_id limit ${MAX_FOUND}`,
  )
    .pluck()
    .all(phrases.map((phrase) => `"${phrase.replaceAll('"', '""')}" *`).join(' AND '), ownerId) as number[];
}

export type Passage = {
  passageId: number;
  bookId: string;
  place: number;
  chapter: string | null;
  content: Buffer;
};
/** What is shown of these passages, by their id. */
export const selectPassages = (db: Db, ids: readonly number[]): Map<number, Passage> =>
  new Map(
    (
      statement(
        db.$client,
        `select p.passage_id as passageId, f.book_id as bookId, p.place, p.chapter, p.content
         from text_passages p join book_files f on f.file_id = p.file_id
         where p.passage_id in (select value from json_each(?)) and f.book_id is not null`,
      ).all(JSON.stringify(ids)) as Passage[]
    ).map((passage) => [passage.passageId, passage]),
  );

export type TextFile = {
  fileId: string;
  bookId: string;
  name: string;
  format: BookFormat;
  sha256: string;
  /** The same bytes were read already. */
  isRead: 0 | 1;
  /** Their words are folded as they are now looked for. */
  isFolded: 0 | 1;
};

/** Every file of the owner's books whose text can be read, book by book. */
export const selectTextFiles = (db: Db, ownerId: string): TextFile[] =>
  statement(
    db.$client,
    `select f.file_id as fileId, f.book_id as bookId, f.name, f.format, f.sha256,
            ifnull(t.sha256 = f.sha256, 0) as isRead, ifnull(t.fold_version = ${FOLD_VERSION}, 0) as isFolded
     from book_files f left join text_files t on t.file_id = f.file_id
     where f.owner_id = ? and f.book_id is not null and f.sha256 is not null and f.format in (${TEXT_FORMATS.map((format) => `'${format}'`).join(', ')})
     order by f.book_id, f.file_id`,
  ).all(ownerId) as TextFile[];

/** Files whose text was taken and is not wanted any more: all but these. */
export const selectStaleTexts = (db: Db, ownerId: string, wanted: readonly string[]): string[] =>
  statement(
    db.$client,
    'select file_id from text_files where owner_id = ? and file_id not in (select value from json_each(?)) order by file_id',
  )
    .pluck()
    .all(ownerId, JSON.stringify(wanted)) as string[];

/** Forgets at most `limit` passages of a file, and the file once none is left. Returns whether it is forgotten. */
export function forgetText(db: Db, fileId: string, limit: number): boolean {
  const { changes } = statement(
    db.$client,
    'delete from text_passages where passage_id in (select passage_id from text_passages where file_id = ? order by place limit ?)',
  ).run(fileId, limit);
  if (changes === limit) return false;
  statement(db.$client, 'delete from text_files where file_id = ?').run(fileId);
  return true;
}

/** Whether the file was not forgotten while it was read. */
export const isStillThere = (db: Db, fileId: string): boolean =>
  statement(db.$client, 'select 1 from book_files where file_id = ?').get(fileId) !== undefined;

/** Notes that the file's text is being taken: its bytes, which count as read only once `finishText` says so. */
export const beginText = (db: Db, ownerId: string, fileId: string, now: Date): void => {
  statement(
    db.$client,
    `insert into text_files (file_id, owner_id, sha256, read_at, fold_version) values (?, ?, '', ?, ${FOLD_VERSION})
     on conflict do nothing`,
  ).run(fileId, ownerId, now.getTime());
};

/** Notes that all of the file's text is in, or why it could not be read. */
export const finishText = (db: Db, fileId: string, sha256: string, failureReason: string | null): void => {
  statement(db.$client, 'update text_files set sha256 = ?, failure_reason = ? where file_id = ?').run(
    sha256,
    failureReason,
    fileId,
  );
};

/** Adds a passage; `words` are its words folded and parted by blanks. */
export function insertPassage(
  db: Db,
  passage: {
    ownerId: string;
    fileId: string;
    place: number;
    chapter: string | null;
    words: string;
    content: Uint8Array;
  },
): void {
  const { lastInsertRowid } = statement(
    db.$client,
    'insert into text_passages (file_id, owner_id, place, chapter, content) values (?, ?, ?, ?, ?)',
  ).run(passage.fileId, passage.ownerId, passage.place, passage.chapter, passage.content);
  indexPassage(db, lastInsertRowid, passage.words);
}

/** The owners of texts that were taken in when words were folded by another rule. */
export const selectOwnersToFold = (db: Db): string[] =>
  statement(
    db.$client,
    `select distinct owner_id from text_files where fold_version <> ${FOLD_VERSION} order by owner_id`,
  )
    .pluck()
    .all() as string[];

/**
 * Folds anew the words of at most `limit` passages of a file, from place `from` on. Returns the place to go on from,
 * undefined when the file is done, which is noted with it.
 */
export function foldPassages(
  db: Db,
  fileId: string,
  { from, limit }: { from: number; limit: number },
): number | undefined {
  const passages = statement(
    db.$client,
    'select passage_id as passageId, place, content from text_passages where file_id = ? and place >= ? order by place limit ?',
  ).all(fileId, from, limit) as { passageId: number; place: number; content: Buffer }[];
  for (const { passageId, content } of passages) {
    // Those of a file that was folded half before the program ended are there.
    statement(db.$client, 'delete from text_passages_index where rowid = ?').run(passageId);
    indexPassage(db, passageId, spacedWords(fold(inflateRawSync(content).toString())));
  }
  if (passages.length === limit) return passages[limit - 1]!.place + 1;
  statement(db.$client, `update text_files set fold_version = ${FOLD_VERSION} where file_id = ?`).run(fileId);
  return undefined;
}

const indexPassage = (db: Db, passageId: number | bigint, words: string): void => {
  statement(db.$client, 'insert into text_passages_index (rowid, words) values (?, ?)').run(passageId, words);
};

export type TextCounts = { files: number; passages: number; unreadable: number };
/** How much text is there to search in. */
export const selectTextCounts = (db: Db, ownerId: string): TextCounts =>
  statement(
    db.$client,
    `select (select count(*) from text_files where owner_id = :ownerId and sha256 <> '' and failure_reason is null
               and fold_version = ${FOLD_VERSION}) as files,
            (select count(*) from text_passages p join text_files t using (file_id)
             where p.owner_id = :ownerId and t.fold_version = ${FOLD_VERSION}) as passages,
            (select count(*) from text_files where owner_id = :ownerId and failure_reason is not null) as unreadable`,
  ).get({ ownerId }) as TextCounts;
