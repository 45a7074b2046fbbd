// Where the resized covers lie: addressed by what they show, so that equal ones are one file.
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook } from './books.queries.ts';

export type CoverSize = 'large' | 'small';
export type Covers = ReturnType<typeof createCovers>;

/** Returns the verbs of covers. */
export function createCovers({ catalogue, coversDir }: { catalogue: Catalogue; coversDir: string }) {
  return {
    /** Returns where the cover of a book lies, undefined when the book or its cover is not there. */
    pathOf: async (ownerId: string, bookId: string, size: CoverSize): Promise<string | undefined> => {
      const hash = catalogue.read((db) => selectBook(db, ownerId, bookId))?.coverHash;
      if (hash == null) return undefined;
      return join(coversDir, hash.slice(0, 2), `${hash}${size === 'small' ? '.small' : ''}.webp`);
    },
  };
}
