// Carries what a person changes in either API into KOReader's sidecars.
import { AppError, notFound } from '../base/errors.ts';
import type { EventBus } from '../base/events.ts';
import type { Db } from '../catalogue/catalogue.ts';
import type { AnnotationChange, SidecarEdit, SummaryChange } from '../formats/koreader/edit-sidecar.ts';
import type { Jobs } from '../jobs/runner.ts';
import { selectBook } from '../library/books.queries.ts';
import type { BookRow } from '../library/books.queries.ts';
import { changedFields, personsFields, unsaid } from './persons-word.ts';
import { noteSummary } from './settle-sidecar.ts';
import type { ItemChange } from './settle-sidecar.ts';
import { isInOldPlace, keysToEdit } from './sidecar-content.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { createSidecarWriter } from './sidecar-writer.ts';
import type { AlsoWrite, OpenRow, WriterParts } from './sidecar-writer.ts';
import {
  selectBooksSpokenOf,
  selectBooksWithBrokenSidecars,
  selectBooksWithMarksSpokenOf,
  selectPersonChangedAt,
  selectSidecar,
  selectSidecarsOfBook,
} from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';
import { editsOf, stillUnsaid, unsaidMarks } from './unsaid-marks.ts';
import type { UnsaidMark } from './unsaid-marks.ts';
import { selectKoreaderKey } from './writeback.queries.ts';

export type { AnnotationChange } from '../formats/koreader/edit-sidecar.ts';
export type { ItemChange } from './settle-sidecar.ts';

/** How often a sidecar is looked at again that somebody else writes at the same moment, or that the person changes on. */
const ROUNDS = 5;

type Parts = WriterParts & {
  events: EventBus;
  jobs: Jobs;
  /** False opens no sidecar, whoever asks. */
  enabled: boolean;
};

export type Writeback = ReturnType<typeof createWriteback>;

/**
 * Returns the verbs of writeback. Those that write throw stale when the sidecar is not as it was read last, conflict for the
 * highlights of an old KOReader, unavailable when the file cannot be read or written; then nothing was changed.
 */
export function createWriteback(parts: Parts) {
  const { catalogue, clock, events, jobs, log, enabled } = parts;
  const writer = createSidecarWriter(parts);

  const read = <T>(fn: (db: Db) => T): T => catalogue.read(fn);

  /** The book's sidecars that were read, newest first. Throws not_found when there are none. */
  const sidecarsOf = (ownerId: string, bookId: string): [SidecarRow, ...SidecarRow[]] => {
    const isThere = enabled && read((db) => selectBook(db, ownerId, bookId)) !== undefined;
    const [newest, ...others] = isThere ? read((db) => readSidecarsOf(db, bookId)) : [];
    if (newest === undefined) throw notFound('item', bookId);
    return [newest, ...others];
  };

  /** Edits the mark in every sidecar of the book that has it: one left out would bring it back. */
  const editMark = async (
    ownerId: string,
    bookId: string,
    annotationId: string,
    editOf: (key: string) => SidecarEdit,
    also?: AlsoWrite,
  ): Promise<void> => {
    const sidecars = sidecarsOf(ownerId, bookId);
    const key = read((db) => selectKoreaderKey(db, bookId, annotationId));
    const holders = sidecars.filter((row) => key !== undefined && contentOf(row).keys.includes(key));
    if (key === undefined || holders.length === 0) throw notFound('annotation', annotationId);
    // The newest is written last and stays the newest: of two that disagree about other marks it goes on being right.
    for (const { sidecarId } of holders.toReversed())
      await writer.open(sidecarId, { asRead: true }, ({ write }) => write(editOf(key), also));
  };

  /** Adds a job for each sidecar of these books that does not say yet what the person said. */
  const enqueue = (books: { ownerId: string; bookId: string }[]): void => {
    for (const { ownerId, bookId } of books) {
      for (const { sidecarId } of read((db) => readSidecarsOf(db, bookId))) {
        const unsaid = findUnsaid(sidecarId);
        if (unsaid === undefined) continue;
        jobs.add({ ownerId, kind: 'write-sidecar', payload: { sidecarId }, subject: unsaid.book.title });
      }
    }
  };

  /**
   * What a sidecar does not say yet of its book, which only the newest one speaks of, and of its marks; nothing of both where
   * the file is to be mended.
   */
  const findUnsaid = (sidecarId: string): Unsaid | undefined =>
    read((db) => {
      const row = selectSidecar(db, sidecarId);
      const book = row?.bookId == null ? undefined : selectBook(db, row.ownerId, row.bookId);
      if (row?.content == null || book === undefined) return undefined;
      const content = contentOf(row);
      const isNewest = readSidecarsOf(db, book.bookId)[0]?.sidecarId === sidecarId;
      const summary = isNewest ? unsaid(book, content) : undefined;
      const marks = unsaidMarks(db, { sidecarId, bookId: book.bookId }, keysToEdit(content));
      const isSaid = summary === undefined && marks.length === 0;
      return isSaid && !row.failsInKoreader ? undefined : { book, isNewest, marks };
    });

  return {
    enabled,

    /** Whether writeback is on and one of the book's sidecars has the mark of this key in a list that can be changed. */
    holds: (bookId: string, key: string): boolean =>
      enabled &&
      read((db) => readSidecarsOf(db, bookId))
        .map(contentOf)
        .some((content) => keysToEdit(content).includes(key)),

    /**
     * Changes rating, status or review of a book in its newest sidecar; an empty change dates the summary all the same.
     * Throws not_found for a book without a sidecar, and for every book when writeback is off.
     */
    async changeItem(ownerId: string, bookId: string, change: ItemChange): Promise<void> {
      const [{ sidecarId }] = sidecarsOf(ownerId, bookId);
      const { reviewNote, rating, status } = change;
      const summary: SummaryChange = {
        ...(reviewNote === undefined ? {} : { note: reviewNote }),
        ...(rating === undefined ? {} : { rating }),
        ...(status === undefined ? {} : { status }),
      };
      const edit = { kind: 'summary' as const, change: summary, today: writer.now().slice(0, 10) };
      const said = Object.keys(summary) as (keyof SummaryChange)[];
      const alsoNote = (db: Db) => noteSummary(db, ownerId, bookId, change, clock.now());
      await writer.open(sidecarId, { asRead: true }, ({ write }) => write(edit, { said, alsoNote }));
    },

    /** Changes note, colour or drawer of a mark. Throws not_found, also for every mark when writeback is off. */
    async changeAnnotation(
      ownerId: string,
      bookId: string,
      annotationId: string,
      change: AnnotationChange,
      also?: AlsoWrite,
    ): Promise<void> {
      const now = writer.now();
      const editOf = (key: string): SidecarEdit => ({ kind: 'annotation', key, change, now });
      await editMark(ownerId, bookId, annotationId, editOf, also);
    },

    /** Removes a mark. Throws not_found, also for every mark when writeback is off. */
    async removeAnnotation(
      ownerId: string,
      bookId: string,
      annotationId: string,
      also?: AlsoWrite,
    ): Promise<void> {
      const editOf = (key: string): SidecarEdit => ({ kind: 'annotation-removal', key });
      await editMark(ownerId, bookId, annotationId, editOf, also);
    },

    /**
     * Makes a sidecar say what the person said of its book, whatever the file is now: in a field that the device changed since
     * the file was read last, the newer word counts. A file KOReader could not open again is mended. Does nothing when writeback is off or nothing is left to say.
     */
    async deliver(sidecarId: string): Promise<void> {
      for (let round = 1; enabled && round <= ROUNDS && findUnsaid(sidecarId) !== undefined; round += 1) {
        try {
          await writer.open(sidecarId, { asRead: false }, deliverTo);
        } catch (error) {
          const isBusy = error instanceof AppError && error.kind === 'stale';
          if (!isBusy || round === ROUNDS) throw error;
        }
      }
    },

    /** Adds jobs for what no sidecar says yet: said while writeback was off, or while a drive was away. */
    catchUp(): void {
      if (enabled) enqueue(read((db) => booksSpokenOf(db)));
    },

    /** Adds a job whenever a person changes a book with a sidecar, until the returned function is called. */
    follow(): () => void {
      if (!enabled) return () => {};
      let seen = catalogue.revision();
      return events.on('catalogue-changed', ({ seq }) => {
        const after = seen;
        seen = seq;
        try {
          enqueue(read((db) => booksSpokenOf(db, after)));
        } catch (error) {
          // The change itself stands; catching up finds it.
          log.error('a change was not passed on to its sidecar', { error });
        }
      });
    },
  };

  async function deliverTo({ row, file, isKnown, ...open }: OpenRow): Promise<void> {
    const found = findUnsaid(row.sidecarId);
    if (found === undefined) return;
    const { book, isNewest } = found;
    const before = contentOf(row);
    const read = isKnown ? undefined : await open.read();
    const now = read ?? before;
    const saidAt = catalogue.read((db) => selectPersonChangedAt(db, book.bookId));
    const isDeviceNewer = saidAt === undefined || file.version.modifiedMs > saidAt.getTime();
    const devices = isDeviceNewer ? changedFields(now.summary, before.summary) : [];
    const said = isNewest ? personsFields(book).filter((field) => !devices.includes(field)) : [];
    const change = (isNewest ? unsaid(book, now) : undefined) ?? {};
    for (const field of devices) delete change[field];
    const marks = read === undefined ? found.marks : stillUnsaid(found.marks, read.annotations);
    const at = writer.now();
    const edits: SidecarEdit[] = [
      ...(Object.keys(change).length === 0
        ? []
        : [{ kind: 'summary' as const, change, today: at.slice(0, 10) }]),
      ...editsOf(marks, at),
    ];
    if (edits.length === 0 && now.failsInKoreader === true) edits.push({ kind: 'repair' });
    const [first] = edits;
    if (first === undefined) {
      if (read !== undefined) open.settle(read, said);
      return;
    }
    await open.write(edits.length === 1 ? first : { kind: 'several', edits }, { said });
  }
}

type Unsaid = { book: BookRow; isNewest: boolean; marks: UnsaidMark[] };

const booksSpokenOf = (db: Db, afterSeq?: number) => [
  ...selectBooksSpokenOf(db, afterSeq),
  ...selectBooksWithMarksSpokenOf(db, afterSeq),
  ...selectBooksWithBrokenSidecars(db),
];

const contentOf = (row: SidecarRow): SidecarContent => JSON.parse(row.content ?? '{}') as SidecarContent;

const readSidecarsOf = (db: Db, bookId: string): SidecarRow[] =>
  selectSidecarsOfBook(db, bookId).filter((row) => row.content !== null && !isInOldPlace(row.path));
