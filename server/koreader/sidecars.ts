// What KOReader keeps of a book, as it was read last.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { selectSidecarsOfBook } from './sidecars.queries.ts';

export type Sidecars = ReturnType<typeof createSidecars>;

/** Returns the verbs of sidecars. */
export function createSidecars({ catalogue }: { catalogue: Catalogue }) {
  return {
    /** Returns the newest sidecar of a book, undefined when KOReader never opened it. */
    ofBook(bookId: string): SidecarContent | undefined {
      const newest = catalogue
        .read((db) => selectSidecarsOfBook(db, bookId))
        .find((row) => row.content !== null);
      return newest?.content == null ? undefined : (JSON.parse(newest.content) as SidecarContent);
    },
  };
}
