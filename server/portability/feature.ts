// Portability, put together: taking a library out and bringing one in.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Books } from '../library/books.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { Shelves } from '../shelves/shelves.ts';
import type { Tags } from '../shelves/tags.ts';
import type { FileBytes } from '../storage/file-bytes.ts';
import { createBookArchive } from './book-archive.ts';
import { createLibraryExport } from './library-export.ts';
import { createLibraryImport } from './library-import.ts';

type Ground = { catalogue: Catalogue; clock: Clock; log: Log; scratchDir: string };
type Uses = { fileBytes: FileBytes; books: Books; shelves: Shelves; tags: Tags; rules: ReadingRules };

/** Returns the verbs of taking a library out and in. */
export function portabilityFeature(ground: Ground, { fileBytes, books, shelves, tags, rules }: Uses) {
  const { catalogue, clock, log, scratchDir } = ground;
  return {
    libraryExport: createLibraryExport({ catalogue, clock, books, shelves, tags, scratchDir }),
    bookArchive: createBookArchive({ catalogue, clock, books, fileBytes, log }),
    libraryImport: createLibraryImport({ catalogue, rules }),
  };
}
