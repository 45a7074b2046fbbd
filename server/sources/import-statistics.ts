// The job that reads a KOReader statistics file and merges it with what other devices told.
import { stat } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { Pool } from '../formats/workers/pool.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { settleReadBook, takeInPageReads, takeInReadBooks } from '../koreader/ingest-statistics.ts';
import { selectStatisticsFile, updateStatisticsFile } from '../koreader/statistics.queries.ts';
import type { StatisticsFile } from './sources.queries.ts';

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  scratchDir: string;
  rules: ReadingRules;
  /** Called after each import that brought something. */
  onImported: () => void;
};

/** What one transaction takes in: small enough that the API answers in between. */
const BOOKS_AT_ONCE = 32;
const READS_AT_ONCE = 2_000;
const SETTLE_AT_ONCE = 8;

const UNFINISHED = { sizeBytes: null, modifiedMs: null, walSizeBytes: null, walModifiedMs: null };

export const importStatistics = jobKind({
  kind: 'import-statistics',
  unit: 'rows',
  payload: z.object({ fileId: z.string() }),
  key: ({ fileId }) => fileId,
  group: () => 'import',
});

/** The job that reads a statistics file. */
export const importOf = (file: StatisticsFile) => ({
  ownerId: file.ownerId,
  payload: { fileId: file.fileId },
  subject: file.path.toString(),
});

/** Does the job. An unchanged file is not read again. */
export const importStatisticsWork = ({ catalogue, clock, pool, scratchDir, rules, onImported }: Parts) =>
  handle(importStatistics, async ({ payload: { fileId }, ownerId, signal, progress }) => {
    const file = catalogue.read((db) => selectStatisticsFile(db, fileId));
    if (file === undefined) return;
    const path = file.path.toString();
    const look = await lookOf(path);
    if (look !== undefined && file.failureReason === null && isSame(look, file)) return;

    const rows = new Map<number, number>();
    const changed = new Set<number>();
    let pageReads = 0;
    let total = 0;
    // A file without its size was never taken in to the end: whatever is there of it, every book is worked out.
    const isAgain = file.sizeBytes !== null;
    try {
      await pool.run(
        'read-statistics',
        { path, scratchDir },
        {
          signal,
          timeoutMs: 600_000,
          onChunk: async (chunk) => {
            if (chunk.kind === 'books') {
              total = chunk.totalReads;
              if (isAgain)
                catalogue.write({ durable: false }, (db) => updateStatisticsFile(db, fileId, UNFINISHED));
              await inSlices(chunk.books.length, BOOKS_AT_ONCE, (from, to) =>
                catalogue.write({ durable: false }, (db) => {
                  const slice = chunk.books.slice(from, to);
                  for (const [id, row] of takeInReadBooks(db, { ownerId, fileId, changed }, slice))
                    rows.set(id, row);
                }),
              );
              return;
            }
            await inSlices(chunk.reads.page.length, READS_AT_ONCE, (from, to) => {
              catalogue.write({ durable: false }, (db) =>
                takeInPageReads(db, rows, chunk.reads, { from, to, changed }),
              );
              pageReads += to - from;
              progress({ done: pageReads, total });
            });
          },
        },
      );
      progress({ done: pageReads, total });
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      const { reason: failureReason, message: failureMessage } = error;
      catalogue.write({}, (db) => updateStatisticsFile(db, fileId, { failureReason, failureMessage }));
      throw unavailable(error.message, { cause: error });
    }

    const books = new Set(rows.values());
    const settle = isAgain ? [...changed] : [...books];
    await inSlices(settle.length, SETTLE_AT_ONCE, (from, to) => {
      signal.throwIfAborted();
      catalogue.write({ durable: false }, (db) => {
        for (const readBookId of settle.slice(from, to)) settleReadBook(db, readBookId, rules, clock.now());
      });
    });
    catalogue.write({}, (db) =>
      updateStatisticsFile(db, fileId, {
        ...look,
        books: books.size,
        pageReads,
        failureReason: null,
        failureMessage: null,
        lastImportAt: clock.now(),
      }),
    );
    onImported();
  });

/** Does the work a slice at a time and lets everything else run in between. */
async function inSlices(
  length: number,
  atOnce: number,
  work: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < length; from += atOnce) {
    work(from, Math.min(from + atOnce, length));
    await breathe();
  }
}

type Look = {
  sizeBytes: number;
  modifiedMs: number;
  walSizeBytes: number | null;
  walModifiedMs: number | null;
};

/** Size and time of the file and of its write-ahead log, taken before reading so that a later change is seen. */
async function lookOf(path: string): Promise<Look | undefined> {
  const [file, wal] = await Promise.all([
    stat(path).catch(() => undefined),
    stat(`${path}-wal`).catch(() => undefined),
  ]);
  if (file === undefined) return undefined;
  return {
    sizeBytes: file.size,
    modifiedMs: Math.floor(file.mtimeMs),
    walSizeBytes: wal?.size ?? null,
    walModifiedMs: wal === undefined ? null : Math.floor(wal.mtimeMs),
  };
}

const isSame = (look: Look, file: Look | { [Name in keyof Look]: number | null }) =>
  look.sizeBytes === file.sizeBytes &&
  look.modifiedMs === file.modifiedMs &&
  look.walSizeBytes === file.walSizeBytes &&
  look.walModifiedMs === file.walModifiedMs;
