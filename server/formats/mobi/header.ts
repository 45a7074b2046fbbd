// Reads record 0 of a MOBI book: the PalmDOC and MOBI headers and the EXTH metadata behind them.
import { decodeUnsure } from '../encoding.ts';

const none = 0xffffffff;
const maxExthRecords = 2000;

/** EXTH record types this program reads. */
export const exth = {
  author: 100,
  publisher: 101,
  description: 103,
  isbn: 104,
  subject: 105,
  published: 106,
  asin: 113,
  kf8Start: 121,
  coverOffset: 201,
  thumbnailOffset: 202,
  title: 503,
  asinElsewhere: 504,
  language: 524,
} as const;

export type MobiHeader = {
  version: number;
  /** Whether the text is locked (DRM). */
  isLocked: boolean;
  /** Length of the whole text once unpacked, in bytes. */
  textLengthBytes: number;
  fullName: string;
  /** Windows language id, 0 when not said. */
  locale: number;
  firstImage: number | undefined;
  ncxIndex: number | undefined;
  /** Every value of one EXTH type as text, in the file's order, blanks left out. */
  texts(type: number): string[];
  /** The first value of one EXTH type as a number. */
  number(type: number): number | undefined;
  decode(bytes: Uint8Array): string;
};

/** What record 0 says, or undefined when it has no MOBI header. Fields the header is too short for are absent. */
export const parseMobiHeader = (record: Buffer): MobiHeader | undefined => {
  if (record.length < 40 || record.toString('latin1', 16, 20) !== 'MOBI') return undefined;
  const headerEnd = Math.min(16 + record.readUInt32BE(20), record.length);
  const field = (offset: number) => (offset + 4 <= headerEnd ? record.readUInt32BE(offset) : none);
  const index = (offset: number) => (field(offset) === none ? undefined : field(offset));

  const declared = declaredEncoding(field(28));
  const decode = (bytes: Uint8Array): string => decodeUnsure(bytes, declared);
  const values = field(128) !== none && (field(128) & 0x40) !== 0 ? readExth(record, headerEnd) : [];
  const nameOffset = index(84) ?? 0;
  return {
    version: record.readUInt32BE(36),
    isLocked: record.readUInt16BE(12) !== 0,
    textLengthBytes: record.readUInt32BE(4),
    fullName: decode(record.subarray(nameOffset, nameOffset + Math.min(index(88) ?? 0, 4096))),
    locale: index(92) ?? 0,
    firstImage: index(108),
    ncxIndex: index(244),
    texts: (type) =>
      values
        .filter((value) => value.type === type)
        .map((value) => trimmed(decode(value.data)))
        .filter((text) => text !== ''),
    number: (type) => {
      const data = values.find((value) => value.type === type)?.data;
      return data !== undefined && data.length === 4 ? present(data.readUInt32BE(0)) : undefined;
    },
    decode: (bytes) => trimmed(decode(bytes)),
  };
};

const readExth = (record: Buffer, start: number): { type: number; data: Buffer }[] => {
  if (start + 12 > record.length || record.toString('latin1', start, start + 4) !== 'EXTH') return [];
  const count = Math.min(record.readUInt32BE(start + 8), maxExthRecords);
  const values = [];
  let position = start + 12;
  while (values.length < count && position + 8 <= record.length) {
    const lengthBytes = record.readUInt32BE(position + 4);
    if (lengthBytes < 8) break;
    values.push({
      type: record.readUInt32BE(position),
      data: record.subarray(position + 8, position + lengthBytes),
    });
    position += lengthBytes;
  }
  return values;
};

/** The encoding of a Windows code page; undefined for UTF-8, which shows itself, and what no book is known to be in. */
export const declaredEncoding = (codePage: number): string | undefined =>
  codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : undefined;

const present = (value: number) => (value === none ? undefined : value);
const trimmed = (text: string): string => text.replaceAll('\0', ' ').trim();
