// Joins page reads of one book to sittings. Pure.

/** A read page: seconds since 1970 UTC and seconds it was open. */
export type PageRead = { page: number; startSec: number; durationSec: number };

export type Session = {
  startSec: number;
  /** When the page that was open longest was closed: those of two devices overlap. */
  endSec: number;
  /** Sum of the pages' times, not the wall clock. */
  durationSec: number;
};

/** A pause longer than this ends a session (koshelf.md "Sessions"). */
const LONGEST_PAUSE_SEC = 300;

/** Returns the sessions of one book's reads, which must be ordered by start; reads of no time are left out. */
export function findSessions(reads: readonly PageRead[]): Session[] {
  const sessions: Session[] = [];
  let current: Session | undefined;
  let previousEndSec = 0;
  for (const { startSec, durationSec } of reads) {
    if (durationSec <= 0) continue;
    const endSec = startSec + durationSec;
    if (current !== undefined && startSec - previousEndSec <= LONGEST_PAUSE_SEC) {
      current.endSec = Math.max(current.endSec, endSec);
      current.durationSec += durationSec;
    } else {
      current = { startSec, endSec, durationSec };
      sessions.push(current);
    }
    previousEndSec = endSec;
  }
  return sessions;
}
