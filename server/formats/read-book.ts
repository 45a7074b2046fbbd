// Reads any book file: finds out what it is and hands it to the reader of that format.
import { type BookReading, type BookSource, UnreadableFile } from './book.ts';
import { contentTypeOf, readersOf } from './formats.ts';
import type { BookFormat } from './formats.ts';
import { sniff } from './sniff.ts';

/**
 * Metadata, chapters and cover of a book file, whatever its name says it is. Throws UnreadableFile: empty, unsupported
 * for what is not a book, unreadable when the disk or network fails, else what the format's reader throws.
 */
export const readBook = async (source: BookSource): Promise<BookReading<BookFormat>> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  try {
    const format = await sniff(source);
    if (!format)
      throw new UnreadableFile('unsupported', 'This is not a book of a kind that can be read here.');
    const reading = await readersOf(format).read(source);
    return { ...reading, format, contentType: contentTypeOf(format) };
  } catch (error) {
    if (hasSystemError(error)) throw new UnreadableFile('unreadable', 'This file could not be read.', error);
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile('corrupt', 'This file is damaged or not what it seems to be.', error);
  }
};

/** Whether the operating system's refusal to read is the error or lies beneath it. */
const hasSystemError = (error: unknown): boolean => {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if ('syscall' in cause && 'errno' in cause) return true;
    ({ cause } = cause);
  }
  return false;
};
