// Keeps what is worked out of reading true to which book it is of: checksums come to books, and books are deleted.
import type { Db } from '../catalogue/db.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectReadBooks } from '../reading/activity.queries.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { deriveReadBook, deriveReadingOf } from './derive-reading.ts';
import { forgetMoves, noteMoves, notedMoves } from './moved-reading.queries.ts';

/** Works out, before each write is committed, the reading of the books whose checksums came or went in it. */
export function followMovedReading({
  catalogue,
  rules,
}: {
  catalogue: Catalogue;
  rules: ReadingRules;
}): void {
  catalogue.read(noteMoves);
  catalogue.beforeCommit({ settle: (db) => settleMoved(db, rules), forget: forgetMoves });
}

function settleMoved(db: Db, rules: ReadingRules): void {
  const moves = notedMoves(db);
  if (moves.length === 0) return;
  forgetMoves(db);
  const arrivedAt = new Set(moves.flatMap(([, { to }]) => to ?? []));
  for (const bookId of arrivedAt) deriveReadingOf(db, bookId, rules);
  for (const [from, rows] of Map.groupBy(moves, ([, move]) => move.from)) {
    if (from === null) continue;
    const isDivided = rows.length > 1 || selectReadBooks(db, from).length > 0;
    // The only checksum of a book keeps what it has when the book goes.
    if (!isDivided) continue;
    deriveReadingOf(db, from, rules);
    for (const [readBookId, { to }] of rows) if (to === null) deriveReadBook(db, readBookId, rules);
  }
}
