// Takes what KOReader keeps beside a book besides its sidecar into the catalogue. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import { newId } from '../base/ids.ts';
import { composed, nameKey } from '../base/names.ts';
import type { UnreadableReason } from '../formats/book.ts';
import { sanitizeDescription } from '../formats/markup/html.ts';
import type { DocProps } from '../formats/koreader/doc-props.ts';
import { bookNameOfExport } from '../formats/koreader/extra-file.ts';
import type { ExtraContent, ExtraKind } from '../formats/koreader/extra-file.ts';
import type { SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import type { SetOnDevice } from '../library/describe.ts';
import { READER_VERSION, refreshBook } from '../library/intake.ts';
import {
  selectBookByChecksum,
  selectBooksByPathRange,
  selectFileNamed,
  selectFilesOfBook,
} from '../library/intake.queries.ts';
import { checksumOfSdr, sdrBeside, stemOfSdr } from '../library/sdr-folders.ts';
import { selectKoreaderAnnotations, selectKoreaderBookmarks } from '../marks/marks.queries.ts';
import { folderOf, sibling } from './byte-paths.ts';
import {
  deleteExtra,
  putExtra,
  selectBooksByStem,
  selectBooksOfSdr,
  selectExtraByPath,
} from './extras.queries.ts';
import type { SidecarPlace } from './ingest-sidecar.ts';
import { mergeMark } from './merge-marks.ts';
import { stampOf } from './settled-mark.ts';
import { selectBooksByFileName } from './sidecars.queries.ts';
import { defined } from '../base/defined.ts';

type When = { now: Date; zone: string };

/** Takes in what such a file says. One whose book is not there yet is read again by every look through its folder. */
export function takeInExtra(db: Db, place: SidecarPlace, says: ExtraContent, when: When): void {
  if (says.kind === 'marks') takeInMarks(db, place, says.annotations, when);
  else takeInSet(db, place, says, when.now);
}

/** Notes why such a file could not be read. What it said before stays. */
export function noteUnreadableExtra(
  db: Db,
  place: SidecarPlace,
  kind: ExtraKind,
  failure: { reason: UnreadableReason; message: string },
  now: Date,
): void {
  putExtra(db, {
    ...columnsOf(db, place, kind, now),
    readerVersion: READER_VERSION,
    failureReason: failure.reason,
    failureMessage: failure.message,
  });
}

/** Forgets such files that are no longer on disk: the books' own word counts again. Marks stay with the books. */
export function forgetExtras(
  db: Db,
  ownerId: string,
  gone: { fileId: string; path: Buffer }[],
  now: Date,
): void {
  for (const { fileId, path } of gone) {
    const books = booksBeside(db, ownerId, path);
    const named = selectExtraByPath(db, path)?.bookId;
    deleteExtra(db, fileId);
    for (const bookId of new Set([...books, ...(named == null ? [] : [named])]))
      refreshBook(db, ownerId, bookId, now);
  }
}

function takeInSet(
  db: Db,
  place: SidecarPlace,
  says: Exclude<ExtraContent, { kind: 'marks' }>,
  now: Date,
): void {
  const { ownerId, path } = place;
  const beside = booksBeside(db, ownerId, path);
  const named = beside.length > 0 ? undefined : bookByStem(db, ownerId, path);
  const before = selectExtraByPath(db, path)?.bookId;
  const books = new Set([...beside, ...[named, before].filter((each) => each != null)]);
  const content: SetOnDevice = says.kind === 'cover' ? { coverHash: says.coverHash } : fieldsOf(says.props);
  putExtra(db, {
    ...columnsOf(db, place, says.kind, now),
    bookId: named ?? null,
    content: JSON.stringify(content),
    readerVersion: beside.length > 0 || named !== undefined ? READER_VERSION : 0,
    failureReason: null,
    failureMessage: null,
  });
  for (const bookId of books) refreshBook(db, ownerId, bookId, now);
}

/**
 * Adds the marks the book does not have, and what was changed later of those it has, as KOReader itself will. Nothing is
 * taken away by what an export leaves out: it says nothing of when it was told of what.
 */
function takeInMarks(
  db: Db,
  place: SidecarPlace,
  annotations: readonly SidecarAnnotation[],
  when: When,
): void {
  const { ownerId, path, modifiedMs } = place;
  const { bookId, partialMd5 } = bookOfExport(db, ownerId, path);
  putExtra(db, {
    ...columnsOf(db, place, 'marks', when.now),
    bookId: bookId ?? null,
    content: '{}',
    readerVersion: bookId === undefined ? 0 : READER_VERSION,
    failureReason: null,
    failureMessage: null,
  });
  if (bookId === undefined) return;
  for (const mark of annotations) {
    const [known] = [
      ...selectKoreaderAnnotations(db, bookId, mark.key),
      ...selectKoreaderBookmarks(db, bookId, mark.key),
    ];
    const isOld = known !== undefined && stampOf(known.deviceDatetimeUpdated, known.deviceDatetime) >= stampOf(mark.datetimeUpdated, mark.datetime); // prettier-ignore
    if (isOld) continue;
    mergeMark(
      db,
      { ownerId, bookId, sidecarId: known?.sidecarId ?? null, partialMd5, modifiedMs },
      mark,
      when,
    );
  }
}

/** The books the folder of this file lies beside, those of its sidecars, and the one whose checksum it is named after. */
function booksBeside(db: Db, ownerId: string, path: Buffer): string[] {
  const folder = folderOf(path);
  const key = nameKey(folder);
  const stem = stemOfSdr(key);
  if (stem === undefined) return [];
  const files = selectBooksByPathRange(
    db,
    Buffer.concat([stem, Buffer.from('.')]),
    Buffer.concat([stem, Buffer.from('/')]),
  ).filter((book) => sdrBeside(nameKey(book.path)).equals(key));
  const md5 = checksumOfSdr(folder);
  const hashed = md5 === undefined ? undefined : selectBookByChecksum(db, ownerId, md5);
  return [
    ...new Set([
      ...files.map(({ bookId }) => bookId),
      ...selectBooksOfSdr(db, ownerId, folder),
      ...(hashed === undefined ? [] : [hashed]),
    ]),
  ];
}

/** The only book with a file of the folder's name, wherever it lies: the folder is one of docsettings. */
function bookByStem(db: Db, ownerId: string, path: Buffer): string | undefined {
  const stem = stemOfSdr(folderOf(path));
  return stem === undefined ? undefined : onlyOne(selectBooksByStem(db, ownerId, nameOf(stem)));
}

function bookOfExport(
  db: Db,
  ownerId: string,
  path: Buffer,
): { bookId?: string | undefined; partialMd5?: string | undefined } {
  const name = bookNameOfExport(nameOf(path));
  const folder = folderOf(path);
  const beside = selectFileNamed(db, sibling(stemOfSdr(folder) === undefined ? path : folder, name));
  const bookId =
    beside === undefined
      ? (onlyOne(booksBeside(db, ownerId, path)) ?? onlyOne(selectBooksByFileName(db, ownerId, name)))
      : beside.bookId;
  if (bookId == null) return {};
  // A mark has one id, whichever file tells of it first.
  const file =
    beside ??
    selectFilesOfBook(db, bookId).find((each) => each.name.normalize('NFC') === name.normalize('NFC'));
  return { bookId, partialMd5: file?.partialMd5 ?? undefined };
}

/** Fields as the person wrote them on the device; what they left alone is absent. */
function fieldsOf({
  title,
  authors,
  series,
  seriesIndex,
  language,
  description,
  keywords,
}: DocProps): SetOnDevice {
  return defined<SetOnDevice>({
    title,
    authors: authors.length === 0 ? undefined : authors,
    seriesName: series,
    seriesIndex,
    language,
    description: description === undefined ? undefined : sanitizeDescription(description),
    subjects: keywords.length === 0 ? undefined : keywords,
    coverHash: undefined,
  });
}

function columnsOf(db: Db, place: SidecarPlace, kind: ExtraKind, now: Date) {
  const { path } = place;
  return {
    ...place,
    extraId: selectExtraByPath(db, path)?.extraId ?? newId(now),
    nfcPath: composed(path) ?? null,
    name: nameOf(path),
    kind,
    partialMd5: checksumOfSdr(folderOf(path)) ?? null,
    readAt: now,
  };
}

const onlyOne = (bookIds: string[]) => (bookIds.length === 1 ? bookIds[0] : undefined);

const nameOf = (path: Buffer): string => path.toString().split('/').at(-1) ?? '';
