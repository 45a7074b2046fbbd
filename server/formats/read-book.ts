// Reads any book file: finds out what it is and hands it to the reader of that format.
import { type BookFormat, type BookReading, type BookSource, contentTypeOf, UnreadableFile } from './book.ts';
import { sniff } from './sniff.ts';

/**
 * Metadata, chapters and cover of a book file, whatever its name says it is. Throws UnreadableFile: empty, unsupported
 * for what is not a book, unreadable when the disk or network fails, else what the format's reader throws.
 */
export const readBook = async (source: BookSource): Promise<BookReading> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  try {
    const format = await sniff(source);
    if (!format)
      throw new UnreadableFile('unsupported', 'This is not a book of a kind that can be read here.');
    const reading = await readers[format](source);
    return { ...reading, format, contentType: contentTypeOf(format) };
  } catch (error) {
    if (hasSystemError(error)) throw new UnreadableFile('unreadable', 'This file could not be read.', error);
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile('corrupt', 'This file is damaged or not what it seems to be.', error);
  }
};

// Loaded when the first book of the format is met: PDF alone costs a tenth of a second and tens of megabytes.
const readers: Record<BookFormat, (source: BookSource) => Promise<BookReading>> = {
  epub: async (source) => (await import('./epub/read.ts')).readEpub(source),
  fb2: async (source) => (await import('./fb2/read.ts')).readFb2(source),
  mobi: async (source) => (await import('./mobi/read.ts')).readMobi(source),
  azw3: async (source) => (await import('./mobi/read.ts')).readMobi(source),
  pdf: async (source) => (await import('./pdf/read.ts')).readPdf(source),
  cbz: async (source) => (await import('./comic/read.ts')).readComic(source, 'cbz'),
  cbr: async (source) => (await import('./comic/read.ts')).readComic(source, 'cbr'),
  txt: async (source) => (await import('./text/read.ts')).readPlainText(source),
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
