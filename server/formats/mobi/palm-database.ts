// Opens the record container that MOBI books lie in (PalmDB): a name, a type and numbered records.
import { type BookSource, UnreadableFile } from '../book.ts';
import { readBytes } from '../file-bytes.ts';

const headerLength = 78;
const recordEntryLength = 8;

export type PalmDatabase = {
  /** At most 31 characters, as the header writes it. */
  name: string;
  /** Type and creator together: BOOKMOBI, TEXtREAd. */
  kind: string;
  recordCount: number;
  /** The record's first bytes, at most `maxBytes`; empty for a number that has no record. */
  record(index: number, maxBytes: number): Buffer;
  /** Length of a record in bytes, 0 for a number that has no record. */
  lengthOf(index: number): number;
};

/** Reads the record table; a table or record that runs past the end of the file ends there. Throws empty and corrupt. */
export const openPalmDatabase = (source: BookSource): PalmDatabase => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const header = readBytes(source.fd, 0, headerLength);
  if (header.length < headerLength) throw new UnreadableFile('corrupt', 'The book is cut off.');
  const table = readBytes(source.fd, headerLength, header.readUInt16BE(76) * recordEntryLength);
  const recordCount = Math.floor(table.length / recordEntryLength);
  const startOf = (index: number): number =>
    index < recordCount
      ? Math.min(table.readUInt32BE(index * recordEntryLength), source.sizeBytes)
      : source.sizeBytes;
  const lengthOf = (index: number): number =>
    index >= 0 && index < recordCount ? Math.max(0, startOf(index + 1) - startOf(index)) : 0;

  return {
    name: header.toString('latin1', 0, 31).split('\0', 1)[0] ?? '',
    kind: header.toString('latin1', 60, 68),
    recordCount,
    lengthOf,
    record: (index, maxBytes) => {
      const lengthBytes = Math.min(lengthOf(index), maxBytes);
      return lengthBytes === 0 ? Buffer.alloc(0) : readBytes(source.fd, startOf(index), lengthBytes);
    },
  };
};
