// Runs the real server over folders and databases, in a data folder of its own, and reads what it kept.
import type { Db } from '../../server/catalogue/db.ts';
import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { systemClock } from '../../server/base/clock.ts';
import type { Clock } from '../../server/base/clock.ts';
import { createEvents } from '../../server/base/events.ts';
import type { Catalogue } from '../../server/catalogue/catalogue.ts';
import { openCatalogue } from '../../server/catalogue/open.ts';
import {
  annotations,
  bookFiles,
  bookmarks,
  koreaderSidecars,
  pageReads,
  readBooks,
  statisticsFiles,
} from '../../server/catalogue/schema/index.ts';
import type { BookMetadata } from '../../server/formats/book.ts';
import type { SidecarContent } from '../../server/koreader/sidecar-content.ts';
import { defaultOptions } from '../../server/config/options.ts';
import { startServer } from '../../server/server.ts';
import type { BookFile } from './books.ts';
import { clockAfter } from './moment.ts';
import type { SidecarFile } from './sidecars.ts';
import type { StatisticsFigures } from './statistics.ts';

export type Refusal = { reason: string; message: string };
export type ImportedFile = { refusal?: Refusal; partialMd5?: string; sha256?: string; book?: BookFile };
export type ImportedSidecar = { refusal?: Refusal; sidecar: SidecarFile };

export type Imported = {
  /** By absolute path. */
  files: Map<string, ImportedFile>;
  sidecars: Map<string, ImportedSidecar>;
};

/** Imports folders of books and sidecars below the scratch folder. Paths that are no UTF-8 are left out. */
export const importFolders = (folders: string[], scratch: string): Promise<Imported> =>
  withImported(scratch, { library: folders }, (db) => ({
    files: new Map(
      db
        .select()
        .from(bookFiles)
        .all()
        .map((row) => [String(row.path), fileOf(row)]),
    ),
    sidecars: new Map(
      db
        .select()
        .from(koreaderSidecars)
        .all()
        .map((row) => [row.path.toString(), sidecarOf(db, row)]),
    ),
  }));

/** Imports statistics databases into a library of their own: merged with others their figures would be theirs as well. */
export const importStatistics = (statistics: string[], scratch: string): Promise<StatisticsFigures> =>
  withImported(scratch, { statistics, clock: clockAfter(statistics, scratch) }, (db) => ({
    refusal: db.select().from(statisticsFiles).get()?.failureMessage ?? undefined,
    books: db
      .select()
      .from(readBooks)
      .all()
      .map((row) => {
        const reads = db.select().from(pageReads).where(eq(pageReads.readBookId, row.readBookId)).all();
        return {
          md5: row.md5,
          title: row.title,
          authors: row.authors ?? undefined,
          pages: row.pages ?? undefined,
          lastOpenSec: row.lastOpenAt === null ? undefined : row.lastOpenAt.getTime() / 1000,
          notes: row.notes ?? undefined,
          highlights: row.highlights ?? undefined,
          readSec: row.totalReadSec,
          readPages: row.totalReadPages,
          rows: reads.length,
          rowsSec: reads.reduce((sum, { durationSec }) => sum + durationSec, 0),
        };
      }),
  }));

/** Asks the KoShelf API for the data under a path below /api. Throws with the answer when it is refused. */
export type Ask = (path: string) => Promise<unknown>;

/**
 * Imports folders and databases, the databases one after the other in their order, and lets the server be asked. A
 * database that comes again is read again, as after a device wrote it anew.
 */
export async function askServer(
  sources: { library: string[]; statistics: readonly string[]; scratch: string },
  use: (ask: Ask, clock: Clock) => Promise<void>,
): Promise<void> {
  const { library, statistics, scratch } = sources;
  const clock = clockAfter(statistics, scratch);
  const dataDir = join(scratch, randomUUID());
  const options = {
    ...defaultOptions(),
    dataDir,
    port: 0,
    logLevel: 'error' as const,
    watch: 'off' as const,
    library,
  };
  for (const [index, path] of statistics.entries()) {
    const copy = join(scratch, `${createHash('sha256').update(path).digest('hex')}.sqlite3`);
    for (const ending of ['', '-wal'].filter((each) => existsSync(path + each)))
      copyFileSync(path + ending, copy + ending);
    const server = await startServer({ ...options, statistics: [copy] }, { clock });
    try {
      await server.settled();
      if (index < statistics.length - 1) continue;
      await use(async (asked) => {
        const answer = await fetch(`${server.url}/api${asked}`);
        if (!answer.ok) throw new Error(`/api${asked} answered ${answer.status} ${await answer.text()}`);
        return ((await answer.json()) as { data: unknown }).data;
      }, clock);
    } finally {
      await server.close();
    }
  }
}

async function withImported<T>(
  scratch: string,
  { clock = systemClock, ...sources }: { library?: string[]; statistics?: string[]; clock?: Clock },
  read: (db: Db) => T,
): Promise<T> {
  const dataDir = join(scratch, randomUUID());
  const options = { ...defaultOptions(), dataDir, port: 0, logLevel: 'error' as const, ...sources };
  const server = await startServer(options, { clock });
  try {
    await server.settled();
  } finally {
    await server.close();
  }
  let catalogue: Catalogue | undefined;
  try {
    catalogue = openCatalogue({ dataDir, clock, events: createEvents() });
    return catalogue.read(read);
  } finally {
    catalogue?.close();
  }
}

function fileOf(row: typeof bookFiles.$inferSelect): ImportedFile {
  const hashes = {
    ...(row.partialMd5 !== null && { partialMd5: row.partialMd5 }),
    ...(row.sha256 !== null && { sha256: row.sha256 }),
  };
  if (row.failureReason !== null || row.metadata === null) return { ...hashes, refusal: refusalOf(row) };
  const metadata = JSON.parse(row.metadata) as BookMetadata;
  return { ...hashes, book: { metadata, coverHash: row.coverHash ?? undefined } };
}

function sidecarOf(db: Db, row: typeof koreaderSidecars.$inferSelect): ImportedSidecar {
  if (row.failureReason !== null || row.content === null)
    return { refusal: refusalOf(row), sidecar: { content: undefined, marks: [] } };
  const content = JSON.parse(row.content) as SidecarContent;
  const bookId = row.bookId ?? '';
  const rows = [
    ...db.select().from(annotations).where(eq(annotations.bookId, bookId)).all(),
    ...db.select().from(bookmarks).where(eq(bookmarks.bookId, bookId)).all(),
  ];
  const marks = content.keys.flatMap((key) => rows.filter((mark) => mark.koreaderKey === key).slice(0, 1));
  return { sidecar: { content, marks } };
}

const refusalOf = (row: { failureReason: string | null; failureMessage: string | null }): Refusal => ({
  reason: row.failureReason ?? 'dismissed',
  message: row.failureMessage ?? '',
});
