// Carries what a person changes in either API into KOReader's sidecars.
import type { Db } from '../catalogue/db.ts';
import { AppError, notFound } from '../base/errors.ts';
import type { EventBus } from '../base/events.ts';
import type { WriteBy } from '../catalogue/catalogue.ts';
import type { AnnotationChange, SidecarEdit, SummaryChange } from '../formats/koreader/edit-sidecar.ts';
import type { Jobs } from '../jobs/runner.ts';
import { selectBook } from '../library/books.queries.ts';
import type { BookRow } from '../library/books.queries.ts';
import { changeMark, removeMark } from '../marks/change-marks.ts';
import { koreaderColorOf } from '../marks/colors.ts';
import type { MarkChange } from '../marks/persons-word.ts';
import { unsaid } from './persons-word.ts';
import { noteSummary } from './settle-sidecar.ts';
import type { ItemChange } from './settle-sidecar.ts';
import { isInOldPlace, keysToEdit } from './sidecar-content.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { writeSidecar } from './write-sidecar.ts';
import { createSidecarWriter } from './sidecar-writer.ts';
import type { AlsoWrite, OpenRow, WriterParts } from './sidecar-writer.ts';
import {
  selectBooksSpokenOf,
  selectBooksWithBrokenSidecars,
  selectBooksWithMarksSpokenOf,
  selectSidecar,
  selectSidecarsOfBook,
} from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';
import { editsOf, unsaidMarks } from './unsaid-marks.ts';
import type { UnsaidMark } from './unsaid-marks.ts';
import { selectKoreaderKey } from './writeback.queries.ts';

export type { ItemChange } from './settle-sidecar.ts';

/** How often a sidecar is looked at again that somebody else writes at the same moment, or that the person changes on. */
const ROUNDS = 5;

type Parts = WriterParts & {
  events: EventBus;
  jobs: Jobs;
  /** While it is false no sidecar is opened, whoever asks. */
  enabled: () => boolean;
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
    const isThere = enabled() && read((db) => selectBook(db, ownerId, bookId)) !== undefined;
    const [newest, ...others] = isThere ? read((db) => readSidecarsOf(db, bookId)) : [];
    if (newest === undefined) throw notFound('item', bookId);
    return [newest, ...others];
  };

  /**
   * Edits the mark in every sidecar of the book that has it, the one KOReader opens first. The others are copies from before,
   * which take nothing back: what cannot be written there now is let be.
   */
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
    for (const [index, { sidecarId }] of holders.entries()) {
      const edit = writer.open(sidecarId, { asRead: true }, ({ write }) =>
        write(editOf(key), index === 0 ? also : undefined),
      );
      if (index === 0) await edit;
      else
        await edit.catch((error: unknown) => log.debug('an older sidecar was let be', { sidecarId, error }));
    }
  };

  /** Adds a job for each sidecar of these books that does not say yet what the person said. */
  const enqueue = (books: { ownerId: string; bookId: string }[]): void => {
    for (const { ownerId, bookId } of books) {
      for (const { sidecarId } of read((db) => readSidecarsOf(db, bookId))) {
        const unsaid = findUnsaid(sidecarId);
        if (unsaid === undefined) continue;
        jobs.add(writeSidecar, { ownerId, payload: { sidecarId }, subject: unsaid.book.title });
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
      return isSaid && !row.failsInKoreader ? undefined : { book, summary, marks };
    });

  return {
    enabled,

    /** Whether writeback is on and one of the book's sidecars has the mark of this key in a list that can be changed. */
    holds: (bookId: string, key: string): boolean =>
      enabled() &&
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
      const alsoNote = (db: Db) => noteSummary(db, ownerId, bookId, change, clock.now());
      await writer.open(sidecarId, { asRead: true }, ({ write }) => write(edit, { alsoNote }));
    },

    /**
     * Changes note, colour or drawer of a mark as the person's word; the file gets `inFile`, or else the same in KOReader's
     * words. Throws not_found, also for every mark when writeback is off.
     */
    async changeMark(
      ownerId: string,
      bookId: string,
      markId: string,
      change: MarkChange,
      { by = {}, inFile = inKoreadersWords(change) }: { by?: WriteBy; inFile?: AnnotationChange } = {},
    ): Promise<void> {
      const now = writer.now();
      const editOf = (key: string): SidecarEdit => ({ kind: 'annotation', key, change: inFile, now });
      const alsoNote = (db: Db) => changeMark(db, ownerId, markId, change, { now: clock.now() });
      await editMark(ownerId, bookId, markId, editOf, { by, alsoNote });
    },

    /** Removes a mark; no device brings it back. Throws not_found, also for every mark when writeback is off. */
    async removeMark(ownerId: string, bookId: string, markId: string, by: WriteBy = {}): Promise<void> {
      const editOf = (key: string): SidecarEdit => ({ kind: 'annotation-removal', key });
      const alsoNote = (db: Db) => removeMark(db, ownerId, markId, clock.now());
      await editMark(ownerId, bookId, markId, editOf, { by, alsoNote });
    },

    /**
     * Makes a sidecar say what the person said of its book. A file that was changed since it was read last is taken in first,
     * as a scan would: the later word counts. One KOReader could not open again is mended. Does
     * nothing when writeback is off or nothing is left to say.
     */
    async deliver(sidecarId: string): Promise<void> {
      for (let round = 1; enabled() && round <= ROUNDS && findUnsaid(sidecarId) !== undefined; round += 1) {
        try {
          const isWritten = await writer.open(sidecarId, { asRead: false }, deliverTo);
          if (!isWritten) return;
        } catch (error) {
          const isBusy = error instanceof AppError && error.kind === 'stale';
          if (!isBusy || round === ROUNDS) throw error;
        }
      }
    },

    /** Adds jobs for what no sidecar says yet: said while writeback was off, or while a drive was away. */
    catchUp(): void {
      if (enabled()) enqueue(read((db) => booksSpokenOf(db)));
    },

    /** Adds a job whenever a person changes a book with a sidecar, until the returned function is called. */
    follow(): () => void {
      let seen = catalogue.revision();
      return events.on('catalogue-changed', ({ seq }) => {
        const after = seen;
        seen = seq;
        if (!enabled()) return;
        try {
          enqueue(read((db) => booksSpokenOf(db, after)));
        } catch (error) {
          // The change itself stands; catching up finds it.
          log.error('a change was not passed on to its sidecar', { error });
        }
      });
    },
  };

  /** Returns false when the file is better left alone. */
  async function deliverTo({ row, isKnown, ...open }: OpenRow): Promise<boolean> {
    if (!isKnown) {
      open.settle(await open.read());
      return true;
    }
    const found = findUnsaid(row.sidecarId);
    if (found === undefined) return true;
    const at = writer.now();
    const edits: SidecarEdit[] = [
      ...(found.summary === undefined
        ? []
        : [{ kind: 'summary' as const, change: found.summary, today: at.slice(0, 10) }]),
      ...editsOf(found.marks, clock.now().getTime(), writer.stampOf),
    ];
    if (edits.length === 0 && row.failsInKoreader) edits.push({ kind: 'repair' });
    const [first] = edits;
    if (first === undefined) return true;
    return open.write(edits.length === 1 ? first : { kind: 'several', edits });
  }
}

type Unsaid = { book: BookRow; summary: SummaryChange | undefined; marks: UnsaidMark[] };

const inKoreadersWords = ({ color, ...change }: MarkChange): AnnotationChange => ({
  ...change,
  ...(color === undefined ? {} : { color: koreaderColorOf(color) }),
});

const booksSpokenOf = (db: Db, afterSeq?: number) => [
  ...selectBooksSpokenOf(db, afterSeq),
  ...selectBooksWithMarksSpokenOf(db, afterSeq),
  ...(afterSeq === undefined ? selectBooksWithBrokenSidecars(db) : []),
];

const contentOf = (row: SidecarRow): SidecarContent => JSON.parse(row.content ?? '{}') as SidecarContent;

const readSidecarsOf = (db: Db, bookId: string): SidecarRow[] =>
  selectSidecarsOfBook(db, bookId).filter((row) => row.content !== null && !isInOldPlace(row.path));
