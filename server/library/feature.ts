// The library, put together: books, their covers and series, and what others know of them.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Outbound } from '../outbound/client.ts';
import type { BookText } from '../search/book-text.ts';
import type { FileBytes } from '../storage/file-bytes.ts';
import { createBookBatches } from './book-batches.ts';
import { createBooks } from './books.ts';
import { createCovers } from './covers.ts';
import { drawCovers, drawCoversWork } from './draw-covers.ts';
import { indexTextWork } from './index-text.ts';
import { createMetadataLookup } from './metadata-lookup.ts';
import type { MetadataSources } from './metadata-lookup.ts';
import { createSeries } from './series.ts';

type Ground = {
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  pool: Pool;
  outbound: Outbound;
  dataDir: string;
  zone: () => string;
  /** Where books are looked up; the real ones unless a test has its own. */
  metadataSources?: MetadataSources | undefined;
};

type Uses = { jobs: Jobs; bookText: BookText; fileBytes: FileBytes };

/** Returns the verbs of the library. */
export function libraryFeature(ground: Ground, { jobs, bookText, fileBytes }: Uses) {
  const { catalogue, clock, log, pool, outbound, metadataSources: sources } = ground;
  const coversDir = join(ground.dataDir, 'covers');
  const covers = createCovers({ catalogue, clock, pool, fileBytes, coversDir });
  return {
    books: createBooks(ground),
    bookBatches: createBookBatches(ground),
    series: createSeries(ground),
    covers,
    coversDir,
    metadata: createMetadataLookup({ outbound, log, ...(sources === undefined ? {} : { sources }) }),
    /** Has the covers drawn that a scan found. */
    drawCovers: (ownerId: string) => jobs.add(drawCovers, { ownerId, payload: {}, subject: '' }),

    jobs: [drawCoversWork({ covers }), indexTextWork({ catalogue, clock, pool, bookText, fileBytes })],
    forgetOwner: covers.forgetOwner,
  };
}
