// Unpacks the text of a MOBI book: its records, the marks behind them, PalmDOC compression (MobileRead wiki, "MOBI", "PalmDOC").
import { type BookSource, UnreadableFile } from '../book.ts';
import { decodeUnsure } from '../encoding.ts';
import { declaredEncoding } from './header.ts';
import { openPalmDatabase } from './palm-database.ts';

const maxTextBytes = 32 * 1024 * 1024;
/** What one record unpacks to; more is made up. */
const maxRecordBytes = 16 * 1024;
const uncompressed = 1;
const palmDoc = 2;

/**
 * The book's markup as UTF-8, cut at 32 MB. Throws UnreadableFile: encrypted, corrupt, and unsupported for Huffman
 * compression.
 */
export const readMobiText = (source: BookSource): Uint8Array => {
  const database = openPalmDatabase(source);
  const header = database.record(0, 4096);
  if (header.length < 16) throw new UnreadableFile('corrupt', 'The book is cut off.');
  const compression = header.readUInt16BE(0);
  const lengthBytes = Math.min(header.readUInt32BE(4), maxTextBytes);
  const recordCount = Math.min(header.readUInt16BE(8), database.recordCount - 1);
  if (header.readUInt16BE(12) !== 0) throw new UnreadableFile('encrypted', 'The book is locked (DRM).');
  if (compression !== uncompressed && compression !== palmDoc) {
    throw new UnreadableFile(
      'unsupported',
      'The text of this book is packed in a way that cannot be read here.',
    );
  }
  const isMobi = header.toString('latin1', 16, 20) === 'MOBI';
  const field = (offset: number) => (isMobi && offset + 4 <= header.length ? header.readUInt32BE(offset) : 0);
  // The header must reach so far to have the flags.
  const flags = field(20) >= 228 ? field(240) & 0xffff : 0;

  const pieces: Buffer[] = [];
  let unpacked = 0;
  for (let index = 1; index <= recordCount && unpacked < lengthBytes; index += 1) {
    const record = withoutTrailers(database.record(index, 64 * 1024), flags);
    const piece = compression === palmDoc ? unpack(record) : record;
    pieces.push(piece);
    unpacked += piece.length;
  }
  const bytes = Buffer.concat(pieces).subarray(0, lengthBytes);
  const declared = declaredEncoding(field(28));
  return declared === undefined ? bytes : Buffer.from(decodeUnsure(bytes, declared));
};

/** Behind a record's text stand as many entries as there are bits in the flags; the lowest is of another kind. */
const withoutTrailers = (record: Buffer, flags: number): Buffer => {
  let end = record.length;
  for (let bits = flags >> 1; bits > 0; bits >>= 1) {
    if ((bits & 1) === 1) end -= trailerLength(record, end);
  }
  if ((flags & 1) === 1 && end > 0) end -= (record[end - 1]! & 3) + 1;
  return record.subarray(0, Math.max(0, end));
};

/** A number written backwards, seven bits a byte, the first byte with its high bit set. */
const trailerLength = (record: Buffer, end: number): number => {
  let value = 0;
  for (let step = 0; step < 4; step += 1) {
    const byte = record[end - 1 - step] ?? 0x80;
    value |= (byte & 0x7f) << (7 * step);
    if ((byte & 0x80) !== 0) break;
  }
  return value;
};

const unpack = (packed: Buffer): Buffer => {
  const out = Buffer.alloc(maxRecordBytes);
  let size = 0;
  for (let at = 0; at < packed.length && size < maxRecordBytes;) {
    const byte = packed[at++]!;
    if (byte >= 1 && byte <= 8) {
      size += packed.copy(out, size, at, at + byte);
      at += byte;
    } else if (byte < 0x80) {
      out[size++] = byte;
    } else if (byte >= 0xc0) {
      out[size++] = 0x20;
      if (size < maxRecordBytes) out[size++] = byte ^ 0x80;
    } else {
      const pair = (byte << 8) | (packed[at++] ?? 0);
      const distance = (pair >> 3) & 0x7ff;
      if (distance === 0 || distance > size) continue;
      for (let count = (pair & 7) + 3; count > 0 && size < maxRecordBytes; count -= 1) {
        out[size] = out[size - distance]!;
        size += 1;
      }
    }
  }
  return out.subarray(0, size);
};
