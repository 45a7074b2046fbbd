// Edits one sidecar, the file first, then the catalogue with it in one transaction.
import type { Db } from '../catalogue/db.ts';
import { AppError, conflict, notFound, unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { inZone } from '../base/time-zone.ts';
import type { Catalogue, WriteBy } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import { rewriteSidecar } from '../formats/koreader/edit-sidecar.ts';
import type { SidecarEdit } from '../formats/koreader/edit-sidecar.ts';
import { readSidecar } from '../formats/koreader/sidecar.ts';
import type { Sidecar, SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { spliceSidecar } from '../formats/koreader/splice-sidecar.ts';
import type { Pool } from '../formats/workers/pool.ts';
import { READER_VERSION } from '../library/intake.ts';
import { compareOpening } from './opening-order.ts';
import { settleMark, settleSidecar } from './settle-sidecar.ts';
import { contentAt } from './sidecar-content.ts';
import type { SidecarContent } from './sidecar-content.ts';
import type { FileTime } from './replace-file.ts';
import { isSameVersion, withSidecar } from './sidecar-file.ts';
import type { OpenSidecar, SidecarVersion } from './sidecar-file.ts';
import {
  selectFolderKind,
  selectFolderPaths,
  selectSidecar,
  selectSidecarsOfBook,
} from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';

/** Larger sidecars are read and edited in a worker: a megabyte takes a tenth of a second. */
const IN_PLACE_BYTES = 128 * 1024;
/** A change of one part only looks for it: a megabyte takes some milliseconds. */
const SPLICED_BYTES = 4 * 1024 * 1024;

export type WriterParts = {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  log: Log;
  /** The zone of the times KOReader's files get. */
  zone: () => string;
};

export type AlsoWrite = { alsoNote?: (db: Db) => void; by?: WriteBy };

export type OpenRow = {
  row: SidecarRow;
  file: OpenSidecar;
  /** Whether the file is the one that was read last. */
  isKnown: boolean;
  /** Returns what the file says now. */
  read: () => Promise<Sidecar>;
  /**
   * Writes the edited file and takes it in; `alsoNote` runs in the same transaction before, noted as done `by` this device.
   * Of several sidecars of a book the one KOReader opens stays that: another one that cannot stay two seconds older is left
   * alone, and false is returned. Throws not_found for an annotation the file does not have, conflict for a file of an old
   * KOReader.
   */
  write: (edit: SidecarEdit, also?: AlsoWrite) => Promise<boolean>;
  /** Takes in what the file says now, as a scan would. */
  settle: (sidecar: Sidecar) => void;
};

/** Returns the verbs of one sidecar. */
export function createSidecarWriter({ catalogue, clock, pool, log, zone }: WriterParts) {
  const find = (sidecarId: string): SidecarRow => {
    const row = catalogue.read((db) => selectSidecar(db, sidecarId));
    if (row === undefined) throw notFound('sidecar', sidecarId);
    return row;
  };

  const stampOf = (ms: number): string => inZone(new Date(ms), zone()).slice(0, 19).replace('T', ' ');

  return {
    /** Returns the time now as KOReader writes it: YYYY-MM-DD HH:MM:SS. */
    now: (): string => stampOf(clock.now().getTime()),
    /** Returns a moment likewise. */
    stampOf,

    /**
     * Opens a sidecar for `work`; no other change of it runs meanwhile. With `asRead` the file must be as it was read last, or
     * stale is thrown. Throws not_found for an unknown sidecar, and what `withSidecar` throws.
     */
    async open<Result>(
      sidecarId: string,
      { asRead }: { asRead: boolean },
      work: (open: OpenRow) => Promise<Result>,
    ): Promise<Result> {
      const { path, ownerId } = find(sidecarId);
      const folders = catalogue.read((db) => selectFolderPaths(db, ownerId));
      const expected = () => (asRead ? find(sidecarId) : undefined);
      return inWords(() =>
        withSidecar(path, { folders, expected }, (file) => work(openRow(find(sidecarId), file))),
      );
    },
  };

  function openRow(row: SidecarRow, file: OpenSidecar): OpenRow {
    const isLarge = file.bytes.length > IN_PLACE_BYTES;
    const isKnown = isSameVersion(file.version, row);
    const wasRead = isKnown && row.failureReason === null && row.readerVersion === READER_VERSION;
    const when = () => ({ now: clock.now(), zone: zone() });
    return {
      row,
      file,
      isKnown,

      async read() {
        if (!isLarge) return readSidecar(file.bytes);
        const { sidecar, ...version } = await pool.run('read-sidecar', { path: file.path });
        if (isSameVersion(version, file.version)) return sidecar;
        throw new AppError('stale', "KOReader's file of this book is being written just now.");
      },

      async write(edit, { alsoNote, by = {} } = {}) {
        const started = performance.now();
        const time = catalogue.read((db) => timeToGive(db, row, file.version));
        if (time === undefined) {
          if (alsoNote !== undefined) catalogue.write(by, alsoNote);
          return false;
        }
        const change = splice(edit) ?? (await rewrite(edit));
        const version = await file.write(change.bytes, time);
        catalogue.write(by, (db) => {
          alsoNote?.(db);
          const { mark } = change;
          if (mark !== undefined && settleMark(db, { row, version, mark }, when())) return;
          settleSidecar(db, { row, path: file.path, version, isOurs: true, ...change }, when());
        });
        const tookMs = Math.round(performance.now() - started);
        log.info('sidecar written', { sidecarId: row.sidecarId, tookMs });
        return true;
      },

      settle(sidecar) {
        const { path, version } = file;
        catalogue.write({ durable: false }, (db) =>
          settleSidecar(
            db,
            { row, path, version, isOurs: false, ...saidBy(path, sidecar), hasSameMarks: false },
            when(),
          ),
        );
      },
    };

    /** Changes the part that is meant, where the file is as it was read last; undefined when that cannot be told or done. */
    function splice(edit: SidecarEdit): Change | undefined {
      if (!wasRead || file.bytes.length > SPLICED_BYTES || !file.path.equals(row.path)) return undefined;
      const content = JSON.parse(row.content ?? '{}') as SidecarContent;
      if (content.annotationsFrom !== 'annotations' && edit.kind === 'annotation') return undefined;
      const spliced = spliceSidecar(file.bytes, edit, content.keys);
      if (spliced === undefined) return undefined;
      const { bytes } = spliced;
      const common = { bytes, marks: () => readSidecar(bytes).annotations };
      if (spliced.part === 'annotation') {
        return { ...common, content, mark: spliced.annotation, hasSameMarks: false };
      }
      return { ...common, content: { ...content, summary: spliced.summary }, hasSameMarks: true };
    }

    async function rewrite(edit: SidecarEdit): Promise<Change> {
      const edited = isLarge
        ? await pool.run('edit-sidecar', { bytes: file.bytes, edit })
        : rewriteSidecar(file.bytes, edit);
      if (edited.outcome !== 'edited') throw edited.outcome === 'gone' ? notFound('annotation') : tooOld();
      const { bytes, sidecar } = edited;
      const hasSameMarks = wasRead && edit.kind === 'summary';
      return { bytes, ...saidBy(file.path, sidecar), hasSameMarks };
    }
  }
}

/** KOReader compares whole seconds, and file systems may have coarser times. */
const APART_MS = 2_000;

/**
 * What time a sidecar of this version gets, so that KOReader goes on opening the same one of the book's: the one it opens the
 * time of the change, another a second more than it had; undefined when it would come too near.
 */
function timeToGive(db: Db, row: SidecarRow, version: SidecarVersion): FileTime | undefined {
  const sidecars = row.bookId === null ? [] : selectSidecarsOfBook(db, row.bookId);
  const folderKind = selectFolderKind(db, row.folderId);
  const first = sidecars.find(({ sidecarId }) => sidecarId !== row.sidecarId);
  const isOpened = first === undefined || compareOpening({ ...row, ...version, folderKind }, first) <= 0;
  if (isOpened) return { atLeastMs: version.modifiedMs };
  const exactlyMs = version.modifiedMs + 1_000;
  return exactlyMs + APART_MS <= first.modifiedMs ? { exactlyMs } : undefined;
}

/** An edited file and what it says; `mark` is the only one that is other than it was read last. */
type Change = {
  bytes: Uint8Array;
  content: SidecarContent;
  marks: () => readonly SidecarAnnotation[];
  mark?: SidecarAnnotation;
  hasSameMarks: boolean;
};

const saidBy = (path: Buffer, sidecar: Sidecar) => ({
  content: contentAt(path, sidecar),
  marks: () => sidecar.annotations,
});

const tooOld = () =>
  conflict(
    'An old KOReader wrote the highlights of this book. Open it once with a newer one, then change them here.',
  );

/** What is wrong with a file, as an error for the person. */
async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw unavailable(error.message, { cause: error });
  }
}
