// What an archive may be at most, and the sentences for one that is more, or is not what it says.
import { UnreadableFile } from '../book.ts';

/** Files an archive may have, folders included. */
export const MAX_ENTRIES = 20_000;

/** Bytes that may be unpacked on the way to one file, where all before it is unpacked with it. */
export const MAX_SOLID_BYTES = 512 * 1024 * 1024;

/** Returns the error for an archive with more than `MAX_ENTRIES` files. */
export function tooMany(): UnreadableFile {
  return new UnreadableFile('too_large', `The archive holds more than ${MAX_ENTRIES} files.`);
}

/** Returns the error for a file that is larger than its reader takes. */
export function tooLarge(): UnreadableFile {
  return new UnreadableFile('too_large', 'A part of the archive is too large to read.');
}

/** Returns the error for what only a password opens. */
export function locked(): UnreadableFile {
  return new UnreadableFile('encrypted', 'The archive is protected by a password.');
}

/** Returns the error for an archive that is not what it says. */
export function damaged(cause?: unknown): UnreadableFile {
  return new UnreadableFile('corrupt', 'The archive is incomplete or damaged.', cause);
}
