// Ids of KOReader's sittings: a UUID v8 (RFC 9562 §5.8) that says which sitting it is, so that none has to be kept. Pure.

export type KoreaderSession = { readBookId: number; startedSec: number };

const LARGEST = 2 ** 48 - 1;

/** Returns the id of a sitting: the same for as long as KOReader's statistics have it. */
export function koreaderSessionId({ readBookId, startedSec }: KoreaderSession): string {
  const start = Math.min(Math.max(startedSec, 0), LARGEST).toString(16).padStart(12, '0');
  const book = Math.min(readBookId, LARGEST).toString(16).padStart(12, '0');
  return `${start.slice(0, 8)}-${start.slice(8)}-8000-8000-${book}`;
}

/** Returns the sitting an id is of, undefined for the id of anything else. */
export function readKoreaderSessionId(id: string): KoreaderSession | undefined {
  const [, high, low, book] = /^([0-9a-f]{8})-([0-9a-f]{4})-8000-8000-([0-9a-f]{12})$/i.exec(id) ?? [];
  if (high === undefined || low === undefined || book === undefined) return undefined;
  return { startedSec: Number.parseInt(high + low, 16), readBookId: Number.parseInt(book, 16) };
}
