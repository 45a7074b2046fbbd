// Reads the chapter index (NCX) of a MOBI book: INDX records laid out by a TAGX table, titles in CNCX records.
// Layout: MobileRead wiki, "MOBI", sections INDX record, TAGX and CNCX.
import type { PalmDatabase } from './palm-database.ts';

const maxRecordBytes = 1 << 20;
const maxDataRecords = 200;
const maxTitleRecords = 64;
const maxEntries = 5000;
const maxEntryBytes = 4096;

const tags = { position: 1, title: 3, depth: 4 } as const;

export type IndexEntry = {
  /** Where the chapter starts, in bytes of the unpacked text. */
  position: number;
  title: Buffer;
  depth: number;
};

type Layout = { controlBytes: number; tags: Tag[] };
type Tag = { tag: number; valuesPerEntry: number; mask: number; endsControlByte: boolean };

/** The entries of the index that starts at record `first`, in the file's order; what cannot be read is left out. */
export const readNcxIndex = (database: PalmDatabase, first: number): IndexEntry[] => {
  const header = database.record(first, maxRecordBytes);
  if (!isIndex(header)) return [];
  const layout = readTagTable(header, header.readUInt32BE(4));
  if (layout === undefined) return [];
  const dataRecords = Math.min(header.readUInt32BE(24), maxDataRecords);
  const titleRecords = Math.min(header.readUInt32BE(52), maxTitleRecords);

  const rows: Map<number, number>[] = [];
  for (let number = 1; number <= dataRecords && rows.length < maxEntries; number += 1) {
    const record = database.record(first + number, maxRecordBytes);
    if (isIndex(record)) rows.push(...readRows(record, layout, maxEntries - rows.length));
  }
  const titles: Buffer[] = [];
  for (let number = 1; number <= titleRecords; number += 1) {
    // The data records come first, as many as the header says, also when we read fewer.
    titles.push(database.record(first + header.readUInt32BE(24) + number, maxRecordBytes));
  }
  return rows.flatMap((row) => {
    const position = row.get(tags.position);
    const title = titleAt(titles, row.get(tags.title));
    if (position === undefined || title === undefined) return [];
    return [{ position, title, depth: row.get(tags.depth) ?? 0 }];
  });
};

const isIndex = (record: Buffer) => record.length >= 56 && record.toString('latin1', 0, 4) === 'INDX';

const readTagTable = (record: Buffer, start: number): Layout | undefined => {
  if (start + 12 > record.length || record.toString('latin1', start, start + 4) !== 'TAGX') return undefined;
  const end = Math.min(start + record.readUInt32BE(start + 4), record.length);
  const found: Tag[] = [];
  for (let at = start + 12; at + 4 <= end && found.length < 256; at += 4) {
    const [tag = 0, valuesPerEntry = 0, mask = 0, last = 0] = record.subarray(at, at + 4);
    found.push({ tag, valuesPerEntry, mask, endsControlByte: last === 1 });
  }
  return { controlBytes: record.readUInt32BE(start + 8), tags: found };
};

const readRows = (record: Buffer, layout: Layout, maxRows: number): Map<number, number>[] => {
  const table = record.readUInt32BE(20);
  if (table + 4 > record.length || record.toString('latin1', table, table + 4) !== 'IDXT') return [];
  const rows: Map<number, number>[] = [];
  const count = Math.min(record.readUInt32BE(24), Math.floor((record.length - table - 4) / 2));
  for (let number = 0; number < Math.min(count, maxRows); number += 1) {
    const start = record.readUInt16BE(table + 4 + number * 2);
    const nextAt = table + 4 + (number + 1) * 2;
    const end = number + 1 < count ? record.readUInt16BE(nextAt) : table;
    if (start >= end || end > record.length) continue;
    rows.push(readRow(record.subarray(start, Math.min(end, start + maxEntryBytes)), layout));
  }
  return rows;
};

/** The first value of each tag of one entry. */
const readRow = (entry: Buffer, layout: Layout): Map<number, number> => {
  // An entry is: length of its name, the name, the control bytes, then the values.
  const controlAt = 1 + (entry[0] ?? 0);
  const values = createNumberReader(entry, controlAt + layout.controlBytes);
  const sizes: { tag: number; count: number; bytes: number }[] = [];
  let controlByte = 0;
  for (const { tag, valuesPerEntry, mask, endsControlByte } of layout.tags) {
    if (endsControlByte) {
      controlByte += 1;
      continue;
    }
    const bits = (entry[controlAt + controlByte] ?? 0) & mask;
    if (bits === 0) continue;
    const severalBits = (mask & (mask - 1)) !== 0;
    // All bits set means that a number follows which says how many bytes the values take.
    if (bits === mask && severalBits) sizes.push({ tag, count: 0, bytes: values.next() });
    else sizes.push({ tag, count: (bits / (mask & -mask)) * valuesPerEntry, bytes: 0 });
  }
  const row = new Map<number, number>();
  for (const { tag, count, bytes } of sizes) {
    const end = values.position + bytes;
    for (let number = 0; (number < count || values.position < end) && !values.atEnd(); number += 1) {
      const value = values.next();
      if (number === 0) row.set(tag, value);
    }
  }
  return row;
};

const titleAt = (records: Buffer[], offset: number | undefined): Buffer | undefined => {
  if (offset === undefined) return undefined;
  // The high 16 bits choose the record, the low ones the place in it.
  const record = records[Math.floor(offset / 0x10000)];
  if (record === undefined) return undefined;
  const reader = createNumberReader(record, offset % 0x10000);
  const lengthBytes = reader.next();
  return record.subarray(reader.position, reader.position + lengthBytes);
};

/** Reads numbers of 7 bits per byte, the last byte marked by its high bit. */
const createNumberReader = (bytes: Buffer, start: number) => {
  const reader = {
    position: start,
    atEnd: () => reader.position >= bytes.length,
    next: () => {
      let value = 0;
      for (let length = 0; length < 5 && !reader.atEnd(); length += 1) {
        const byte = bytes[reader.position] ?? 0;
        reader.position += 1;
        value = value * 128 + (byte & 0x7f);
        if ((byte & 0x80) !== 0) break;
      }
      return value;
    },
  };
  return reader;
};
