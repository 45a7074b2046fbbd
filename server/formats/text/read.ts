// Recognises plain text files, which say nothing about themselves.
import { type BookReading, type BookSource, UnreadableFile } from '../book.ts';
import { readBytes } from '../file-bytes.ts';

/**
 * An empty description: a text has no title but its file name. Throws UnreadableFile: empty, and unsupported for a file
 * whose first 8 KB are not text.
 */
export const readPlainText = async (source: BookSource): Promise<BookReading> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const start = readBytes(source.fd, 0, 8192);
  if (start.includes(0) && !isUtf16(start)) {
    throw new UnreadableFile('unsupported', 'The file is not a text.');
  }
  return {
    format: 'txt',
    contentType: 'book',
    metadata: { authors: [], subjects: [], identifiers: [], chapters: [] },
  };
};

// Only a byte order mark tells UTF-16, where every second byte may be NUL, from binary data.
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
