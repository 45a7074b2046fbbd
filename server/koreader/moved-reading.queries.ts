import type { Db } from '../catalogue/db.ts';
// Notes which of KOReader's rows came to a book of the library in this write, or left one.

/** The book a row was of before, and the one it is of now; null for none. */
export type Move = { from: string | null; to: string | null };

const moves = new WeakMap<Db['$client'], Map<number, Move>>();

/** Installs the trigger on this connection; it is temporary, as the diary's are. Whatever moves a row, also SQLite itself when a book is deleted, is seen. */
export function noteMoves({ $client: client }: Db): void {
  const noted = new Map<number, Move>();
  moves.set(client, noted);
  client.function('reading_moved', (readBookId, from, to) => {
    const first = noted.get(readBookId as number);
    noted.set(readBookId as number, {
      from: first === undefined ? (from as string | null) : first.from,
      to: to as string | null,
    });
    return null;
  });
  client.exec(`
    create temp trigger reading_moved after update of book_id on main.read_books
    when new.book_id is not old.book_id and new.told_of is null begin
      select reading_moved(new.read_book_id, old.book_id, new.book_id);
    end;`);
}

/** The rows that moved in this write and were not worked out since. */
export const notedMoves = ({ $client: client }: Db): [readBookId: number, move: Move][] => [
  ...(moves.get(client) ?? []),
];

/** Forgets moves of rows that came to a book and are worked out there; what they left still has to be. */
export function forgetMoved({ $client: client }: Db, rows: readonly { readBookId: number }[]): void {
  const noted = moves.get(client);
  if (noted === undefined || noted.size === 0) return;
  for (const { readBookId } of rows) if (noted.get(readBookId)?.from === null) noted.delete(readBookId);
}

export const forgetMoves = ({ $client: client }: Db): void => moves.get(client)?.clear();
