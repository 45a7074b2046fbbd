// Ids: UUID v7 for what is new, and a derived UUID for what must get the same id again.
import { createHash, randomFillSync } from 'node:crypto';

/** Counts the ids of this process, so that those of one millisecond sort as they were made. */
let count = 0;
/** What is left beside the millisecond, the version, the variant and 48 bits of chance. */
const COUNT_BITS = 26;

/** Returns a new UUID v7 (RFC 9562 §5.7, with a counter after §6.2): ids made later by this process sort later. */
export function newId(now: Date = new Date()): string {
  const bytes = randomFillSync(Buffer.alloc(16), 10);
  count = (count + 1) % 2 ** COUNT_BITS;
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes.writeUInt16BE(count >>> 14, 6);
  bytes.writeUInt16BE(count & 0x3fff, 8);
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
