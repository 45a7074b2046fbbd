// What a person read of a book: what it amounts to, and page by page in the layout the book has now.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Db } from '../catalogue/db.ts';
import { hasPageReads, selectCompletions, selectReadBooks, selectWorkedOut } from './activity.queries.ts';
import type { CompletionRow, ReadBookRow, WorkedOut } from './activity.queries.ts';
import { isDerivedBy } from './derived-by.ts';
import { deriveReading } from './derive.ts';
import type { Reading } from './derive.ts';
import { selectLayout, selectReadsOfAll } from './history.queries.ts';
import type { ReadingClock, ReadingRules } from './rules.ts';

/** What the statistics know of a book under all its checksums. */
export type BookStatistics = WorkedOut & {
  /** Pages of the layout, without those set aside. */
  pages: number;
  lastOpenAt: Date | null;
  totalReadSec: number;
  totalReadPages: number;
  /** Oldest first. */
  completions: readonly CompletionRow[];
};

/** A book page by page. */
export type BookActivity = Reading & {
  /** Pages of the layout the reads are given in, without those set aside. */
  pages: number;
  lastOpenAt: Date | null;
  totalReadSec: number;
  totalReadPages: number;
};

export type Activity = ReturnType<typeof createActivity>;

type Parts = { catalogue: Catalogue; counts: Readonly<ReadingClock>; rules: ReadingRules };

/** Returns the verbs of reading activity. */
export function createActivity({ catalogue, counts, rules }: Parts) {
  return {
    /** Returns what the reading of a book amounts to, undefined when the statistics do not know it. */
    statisticsOf(bookId: string): BookStatistics | undefined {
      return catalogue.read((db) => {
        const known = find(db, bookId);
        if (known === undefined) return undefined;
        const { rows, current, layout } = known;
        return {
          // What was worked out when the reads came; of other rules than today's it says nothing.
          ...(isDerivedBy(db, counts)
            ? {
                ...selectWorkedOut(db, current.readBookId),
                completions: selectCompletions(db, current.readBookId),
              }
            : amountOf(deriveReading(readsOf(db, rows), layout, rules))),
          ...known.facts,
        };
      });
    },

    /** Returns a book's reading page by page, undefined when the statistics do not know it. */
    ofBook(bookId: string): BookActivity | undefined {
      return catalogue.read((db) => {
        const known = find(db, bookId);
        if (known === undefined) return undefined;
        return { ...deriveReading(readsOf(db, known.rows), known.layout, rules), ...known.facts };
      });
    },

    /** Whether there is any reading at all. */
    any: (ownerId: string): boolean => catalogue.read((db) => hasPageReads(db, ownerId)),
  };
}

/** The book's rows, the one all its reading stands under, that one's layout, and what is said of the book as a whole. */
function find(db: Db, bookId: string) {
  const rows = selectReadBooks(db, bookId);
  const [current] = rows;
  const layout = current === undefined ? undefined : selectLayout(db, current.readBookId);
  if (current === undefined || layout === undefined) return undefined;
  const facts = {
    pages: layout.pages - layout.hiddenPages,
    lastOpenAt: current.lastOpenAt,
    totalReadSec: sum(rows, 'totalReadSec'),
    totalReadPages: sum(rows, 'totalReadPages'),
  };
  return { rows, current, layout, facts };
}

const readsOf = (db: Db, rows: readonly ReadBookRow[]) =>
  selectReadsOfAll(
    db,
    rows.map(({ readBookId }) => readBookId),
  );

const amountOf = ({
  days,
  sessions,
  completions,
}: Reading): WorkedOut & { completions: CompletionRow[] } => ({
  sessionCount: sessions.length,
  sessionSec: sessions.reduce((total, { durationSec }) => total + durationSec, 0),
  longestSec: Math.max(0, ...sessions.map(({ durationSec }) => durationSec)),
  lastDay: days.at(-1)?.day ?? null,
  completions,
});

const sum = (rows: readonly ReadBookRow[], field: 'totalReadSec' | 'totalReadPages') =>
  rows.reduce((total, row) => total + row[field], 0);
