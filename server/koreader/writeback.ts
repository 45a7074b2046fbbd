// Carries what a person changes in either API into KOReader's sidecars.
import { AppError, notFound } from '../base/errors.ts';
import type { EventBus } from '../base/events.ts';
import type { Db } from '../catalogue/catalogue.ts';
import type { AnnotationChange, SidecarEdit, SummaryChange } from '../formats/koreader/edit-sidecar.ts';
import type { Jobs } from '../jobs/runner.ts';
import { selectBook } from '../library/books.queries.ts';
import { changedFields, personsFields, unsaid } from './persons-word.ts';
import { noteSummary } from './settle-sidecar.ts';
import type { ItemChange } from './settle-sidecar.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { createSidecarWriter } from './sidecar-writer.ts';
import type { OpenRow, WriterParts } from './sidecar-writer.ts';
import {
  selectBooksSpokenOf,
  selectPersonChangedAt,
  selectSidecar,
  selectSidecarsOfBook,
} from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';
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
  ): Promise<void> => {
    const sidecars = sidecarsOf(ownerId, bookId);
    const key = read((db) => selectKoreaderKey(db, bookId, annotationId));
    const holders = sidecars.filter((row) => key !== undefined && contentOf(row).keys.includes(key));
    if (key === undefined || holders.length === 0) throw notFound('annotation', annotationId);
    for (const { sidecarId } of holders)
      await writer.open(sidecarId, { asRead: true }, ({ write }) => write(editOf(key)));
  };

  /** Adds a job for each book whose newest sidecar does not say yet what the person said. */
  const enqueue = (books: { ownerId: string; bookId: string }[]): void => {
    for (const { ownerId, bookId } of books) {
      const book = read((db) => selectBook(db, ownerId, bookId));
      const [newest] = read((db) => readSidecarsOf(db, bookId));
      if (book === undefined || newest === undefined || unsaid(book, contentOf(newest)) === undefined)
        continue;
      const payload = { sidecarId: newest.sidecarId };
      jobs.add({ ownerId, kind: 'write-sidecar', payload, subject: book.title });
    }
  };

  /** The book a sidecar is the newest of, when it does not say yet what the person said. */
  const findUnsaid = (sidecarId: string) =>
    read((db) => {
      const row = selectSidecar(db, sidecarId);
      const book = row?.bookId == null ? undefined : selectBook(db, row.ownerId, row.bookId);
      const isNewest = book !== undefined && readSidecarsOf(db, book.bookId)[0]?.sidecarId === row?.sidecarId;
      return row !== undefined && isNewest && unsaid(book, contentOf(row)) !== undefined ? book : undefined;
    });

  return {
    enabled,

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
    ): Promise<void> {
      const now = writer.now();
      await editMark(ownerId, bookId, annotationId, (key) => ({ kind: 'annotation', key, change, now }));
    },

    /** Removes a mark. Throws not_found, also for every mark when writeback is off. */
    async removeAnnotation(ownerId: string, bookId: string, annotationId: string): Promise<void> {
      await editMark(ownerId, bookId, annotationId, (key) => ({ kind: 'annotation-removal', key }));
    },

    /**
     * Makes a sidecar say what the person said of its book, whatever the file is now: in a field that the device changed since
     * the file was read last, the newer word counts. Does nothing when writeback is off or nothing is left to say.
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
      if (enabled) enqueue(read((db) => selectBooksSpokenOf(db)));
    },

    /** Adds a job whenever a person changes a book with a sidecar, until the returned function is called. */
    follow(): () => void {
      if (!enabled) return () => {};
      let seen = catalogue.revision();
      return events.on('catalogue-changed', ({ seq }) => {
        const after = seen;
        seen = seq;
        try {
          enqueue(read((db) => selectBooksSpokenOf(db, after)));
        } catch (error) {
          // The change itself stands; catching up finds it.
          log.error('a change was not passed on to its sidecar', { error });
        }
      });
    },
  };

  async function deliverTo({ row, file, isKnown, ...open }: OpenRow): Promise<void> {
    const book = findUnsaid(row.sidecarId);
    if (book === undefined) return;
    const before = contentOf(row);
    const read = isKnown ? undefined : await open.read();
    const now = read ?? before;
    const saidAt = catalogue.read((db) => selectPersonChangedAt(db, book.bookId));
    const isDeviceNewer = saidAt === undefined || file.version.modifiedMs > saidAt.getTime();
    const devices = isDeviceNewer ? changedFields(now.summary, before.summary) : [];
    const said = personsFields(book).filter((field) => !devices.includes(field));
    const change = unsaid(book, now) ?? {};
    for (const field of devices) delete change[field];
    if (Object.keys(change).length > 0)
      await open.write({ kind: 'summary', change, today: writer.now().slice(0, 10) }, { said });
    else if (read !== undefined) open.settle(read, said);
  }
}

const contentOf = (row: SidecarRow): SidecarContent => JSON.parse(row.content ?? '{}') as SidecarContent;

const readSidecarsOf = (db: Db, bookId: string): SidecarRow[] =>
  selectSidecarsOfBook(db, bookId).filter((row) => row.content !== null);
