// Ids: UUID v7 for what is new, and a derived UUID for what must get the same id again.
import { createHash, randomFillSync } from 'node:crypto';

/** Returns a new UUID v7 (RFC 9562 §5.7): ids made later sort later, to the millisecond. */
export function newId(now: Date = new Date()): string {
  const bytes = Buffer.alloc(16);
  randomFillSync(bytes, 6);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  return format(bytes, 0x70);
}

/** Returns the UUID v8 (RFC 9562 §5.8) that belongs to these words: the same words give the same id, always. */
export function derivedId(...words: string[]): string {
  const digest = createHash('sha256').update(words.join('\0')).digest();
  return format(digest.subarray(0, 16), 0x80);
}

function format(bytes: Buffer, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | version;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
