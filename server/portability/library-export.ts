// Exports of a library: a file of a moment in one of three formats.
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Books } from '../library/books.ts';
import type { Shelves } from '../shelves/shelves.ts';
import type { Tags } from '../shelves/tags.ts';
import { selectBookIds, selectOutlineShelves } from './library.queries.ts';
import type { Chosen } from './library.queries.ts';
import { writeScratch } from './scratch-file.ts';
import type { ScratchFile } from './scratch-file.ts';
import type { Part } from './sections.ts';
import { writeCsv } from './write-csv.ts';
import { writeJson } from './write-json.ts';
import { writeOpml } from './write-opml.ts';

const BOOKS_AT_ONCE = 1_000;

export type ExportFormat = 'json' | 'csv' | 'opml';

export type ExportRequest = {
  format: ExportFormat;
  parts: ReadonlySet<Part>;
  /** Books on one of these shelves; all when it is not said. */
  shelfIds?: string[] | undefined;
  /** Of those, books with one of these tags. */
  tagIds?: string[] | undefined;
};

export type LibraryExport = ReturnType<typeof createLibraryExport>;

/** Returns the verb. Files are made in `scratchDir`; whoever asked removes theirs. */
export function createLibraryExport(feature: {
  catalogue: Catalogue;
  clock: Clock;
  books: Books;
  shelves: Shelves;
  tags: Tags;
  scratchDir: string;
}) {
  const { catalogue, clock, books, shelves, tags, scratchDir } = feature;

  const idsOf = (ownerId: string, where: { shelfId?: string; tagId?: string }): string[] => {
    const found: string[] = [];
    for (let page = 1; ; page++) {
      const list = books.list({ ownerId, ...where }, { page, limit: BOOKS_AT_ONCE, sorts: [] });
      found.push(...list.books.map(({ bookId }) => bookId));
      if (list.books.length < BOOKS_AT_ONCE) return found;
    }
  };

  return {
    /** Writes the library of this moment to a file. Throws not_found for a shelf or a tag that is not the owner's. */
    async write(ownerId: string, request: ExportRequest): Promise<ScratchFile> {
      const { format, parts, shelfIds = [], tagIds = [] } = request;
      for (const shelfId of shelfIds) shelves.get(ownerId, shelfId);
      for (const tagId of tagIds) tags.get(ownerId, tagId);
      const onShelves = new Set(shelfIds.flatMap((shelfId) => idsOf(ownerId, { shelfId })));
      const tagged = new Set(tagIds.flatMap((tagId) => idsOf(ownerId, { tagId })));
      const exportedAt = clock.now();
      const onSmartShelves = new Map(
        format !== 'opml'
          ? []
          : catalogue
              .read((db) => selectOutlineShelves(db, ownerId))
              .filter((shelf) => shelf.smart_query !== null)
              .map(({ shelf_id: shelfId }) => [shelfId, idsOf(ownerId, { shelfId })] as const),
      );
      const snapshot = catalogue.snapshot();
      try {
        const { db } = snapshot;
        const chosen: Chosen = {
          ownerId,
          bookIds: selectBookIds(db, ownerId).filter(
            (id) => (shelfIds.length === 0 || onShelves.has(id)) && (tagIds.length === 0 || tagged.has(id)),
          ),
          shelfIds,
          tagIds,
          isWhole: shelfIds.length === 0 && tagIds.length === 0,
          withProgress: parts.has('progress'),
        };
        const pieces =
          format === 'json'
            ? writeJson(db, chosen, { parts, exportedAt })
            : format === 'csv'
              ? writeCsv(db, chosen.bookIds, parts)
              : [writeOpml(db, chosen, { exportedAt, onSmartShelves })];
        return await writeScratch(scratchDir, format, pieces);
      } finally {
        snapshot.close();
      }
    },
  };
}
