// The job that takes in the text of books for searching in it, or gives it up: whichever the person last asked for.
import { setImmediate as breathe } from 'node:timers/promises';
import { AppError } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../base/clock.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { TextPassage } from '../formats/text/passages.ts';
import type { Pool } from '../formats/workers/pool.ts';
import { handle } from '../jobs/kinds.ts';
import { rankFiles } from './describe.ts';
import {
  beginText,
  finishText,
  foldPassages,
  forgetText,
  insertPassage,
  isStillThere,
  selectStaleTexts,
  selectTextFiles,
} from '../search/text-search.queries.ts';
import type { TextFile } from '../search/text-search.queries.ts';
import { indexText } from '../search/book-text.ts';
import type { BookText } from '../search/book-text.ts';
import type { FileBytes } from '../storage/file-bytes.ts';

const FORGET_AT_ONCE = 200;
const FOLD_AT_ONCE = 8;
const READ_TIMEOUT_MS = 120_000;

type Parts = { catalogue: Catalogue; clock: Clock; pool: Pool; bookText: BookText; fileBytes: FileBytes };

/**
 * Does the job, file by file: what is in stays in, a stop or a restart loses one file's work at most. Files whose place does
 * not answer keep no other waiting; with those left, it ends as unavailable and is tried again.
 */
export const indexTextWork = (parts: Parts) =>
  handle(indexText, async ({ ownerId, signal, progress }) => {
    const { catalogue, bookText } = parts;
    let done = 0;
    const unreachable = new Map<string, AppError>();
    // Asked for the other thing meanwhile, or scanned more: as long as there is something to do.
    for (;;) {
      const files = bookText.isOn(ownerId) ? catalogue.read((db) => selectTextFiles(db, ownerId)) : [];
      const wanted = firstFiles(files);
      const stale = catalogue.read((db) =>
        selectStaleTexts(
          db,
          ownerId,
          wanted.map(({ fileId }) => fileId),
        ),
      );
      const unread = wanted.filter(({ fileId, isRead }) => isRead === 0 && !unreachable.has(fileId));
      const unfolded = wanted.filter(({ isRead, isFolded }) => isRead === 1 && isFolded === 0);
      if (stale.length + unread.length + unfolded.length === 0) break;
      const total = done + stale.length + unread.length + unfolded.length;
      for (const fileId of stale) {
        await forget(catalogue, fileId, signal);
        progress({ done: ++done, total });
      }
      for (const { fileId } of unfolded) {
        if (!bookText.isOn(ownerId)) break;
        await foldAgain(catalogue, fileId, signal);
        progress({ done: ++done, total });
      }
      for (const file of unread) {
        if (!bookText.isOn(ownerId)) break;
        const failure = await take(parts, { ownerId, file, signal });
        if (failure !== undefined) unreachable.set(file.fileId, failure);
        progress({ done: ++done, total });
      }
    }
    const [failure] = unreachable.values();
    if (failure !== undefined) throw failure;
  });

/** One file of each book, the one a reader would open first. */
const firstFiles = (files: TextFile[]): TextFile[] =>
  [...Map.groupBy(files, ({ bookId }) => bookId).values()].map((ofBook) => rankFiles(ofBook)[0]!);

async function forget(catalogue: Catalogue, fileId: string, signal: AbortSignal): Promise<void> {
  for (let isDone = false; !isDone;) {
    signal.throwIfAborted();
    isDone = catalogue.write({ durable: false }, (db) => forgetText(db, fileId, FORGET_AT_ONCE));
    await breathe();
  }
}

/** The words of a text that was read before: the file need not be there for it. */
async function foldAgain(catalogue: Catalogue, fileId: string, signal: AbortSignal): Promise<void> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    signal.throwIfAborted();
    const slice: { from: number; limit: number } = { from, limit: FOLD_AT_ONCE };
    from = catalogue.write({ durable: false }, (db) => foldPassages(db, fileId, slice));
    await breathe();
  }
}

/** Returns why the file's place does not give it; what can never be read is noted with the text. */
async function take(
  { catalogue, clock, pool, fileBytes }: Parts,
  { ownerId, file, signal }: { ownerId: string; file: TextFile; signal: AbortSignal },
): Promise<AppError | undefined> {
  const { fileId } = file;
  await forget(catalogue, fileId, signal);
  let place = 0;
  let failureReason: string | null = null;
  try {
    const keep = (passages: readonly TextPassage[]) =>
      catalogue.write({ durable: false }, (db) => {
        if (!isStillThere(db, fileId)) return;
        beginText(db, ownerId, fileId, clock.now());
        for (const passage of passages) insertPassage(db, { ...passage, ownerId, fileId, place: place++ });
      });
    const read = (path: Uint8Array) =>
      pool.run(
        'read-text',
        { path, name: file.name, sha256: file.sha256 },
        { signal, timeoutMs: READ_TIMEOUT_MS, onChunk: keep },
      );
    await fileBytes.onThisComputer(fileId, read, signal);
  } catch (error) {
    if (error instanceof UnreadableFile) failureReason = error.reason;
    else if (error instanceof AppError && error.kind === 'not_found') failureReason = 'changed';
    else if (error instanceof AppError && error.kind === 'unavailable') return error;
    else throw error;
  }
  catalogue.write({ durable: false }, (db) => {
    if (!isStillThere(db, fileId)) return;
    beginText(db, ownerId, fileId, clock.now());
    finishText(db, fileId, file.sha256, failureReason);
  });
  return undefined;
}
