// What a person read of a book, page by page, in the layout the book has now.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { hasPageReads, selectReadBooks } from './activity.queries.ts';
import type { ReadBookRow } from './activity.queries.ts';
import { deriveReading } from './derive.ts';
import type { Reading } from './derive.ts';
import { selectLayout, selectReadsOfAll } from './history.queries.ts';
import type { ReadingRules } from './rules.ts';

export type BookActivity = Reading & {
  /** Pages of the layout the reads are given in, without those set aside. */
  pages: number;
  lastOpenAt: Date | null;
  totalReadSec: number;
  totalReadPages: number;
};

export type Activity = ReturnType<typeof createActivity>;

/** Returns the verbs of reading activity. */
export function createActivity({ catalogue, rules }: { catalogue: Catalogue; rules: ReadingRules }) {
  return {
    /** Returns what the statistics know of a book under all its checksums, undefined when they do not know it. */
    ofBook(bookId: string): BookActivity | undefined {
      return catalogue.read((db) => {
        const rows = selectReadBooks(db, bookId);
        const [current] = rows;
        const layout = current === undefined ? undefined : selectLayout(db, current.readBookId);
        if (current === undefined || layout === undefined) return undefined;
        const raw = selectReadsOfAll(
          db,
          rows.map(({ readBookId }) => readBookId),
        );
        return {
          ...deriveReading(raw, layout, rules),
          pages: layout.pages - layout.hiddenPages,
          lastOpenAt: current.lastOpenAt,
          totalReadSec: sum(rows, 'totalReadSec'),
          totalReadPages: sum(rows, 'totalReadPages'),
        };
      });
    },

    /** Whether there is any reading at all. */
    any: (ownerId: string): boolean => catalogue.read((db) => hasPageReads(db, ownerId)),
  };
}

const sum = (rows: ReadBookRow[], field: 'totalReadSec' | 'totalReadPages') =>
  rows.reduce((total, row) => total + row[field], 0);
