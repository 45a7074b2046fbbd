// Writes ZIP archives for tests: sound ones, and those whose claims about themselves are false.
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipPart = {
  name: string | Uint8Array;
  content?: string | Uint8Array;
  /** Stored instead of deflated. */
  isStored?: boolean;
  /** What the archive says instead of the truth. */
  claim?: { sizeBytes?: number; compressedBytes?: number; crc32?: number; method?: number };
  isEncrypted?: boolean;
  isSymbolicLink?: boolean;
  /** Whether the name is declared to be UTF-8; without it the name's bytes stand for themselves. */
  isUtf8?: boolean;
};

export type ZipEnd = { comment?: string; trailing?: Uint8Array; entryCount?: number };

/** The bytes of an archive with these parts in this order, after APPNOTE 4.3: local files, central directory, end record. */
export const writeZip = (parts: readonly ZipPart[], end: ZipEnd = {}): Buffer => {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const { header, name, data } = describe(part);
    const local = Buffer.concat([
      word(0x04034b50, 4),
      word(20, 2),
      header,
      word(name.length, 2),
      word(0, 2),
      name,
      data,
    ]);
    const attributes = part.isSymbolicLink ? 0o120777 * 0x10000 : 0o100644 * 0x10000;
    directory.push(
      word(0x02014b50, 4),
      word((3 << 8) | 20, 2),
      word(20, 2),
      header,
      word(name.length, 2),
      Buffer.alloc(8),
      word(attributes, 4),
      word(offset, 4),
      name,
    );
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = end.entryCount ?? parts.length;
  const comment = Buffer.from(end.comment ?? '');
  return Buffer.concat([
    ...files,
    central,
    word(0x06054b50, 4),
    word(0, 4),
    word(count, 2),
    word(count, 2),
    word(central.length, 4),
    word(offset, 4),
    word(comment.length, 2),
    comment,
    end.trailing ?? Buffer.alloc(0),
  ]);
};

/** The fields both headers share (flags to unpacked size), the name's bytes and the packed data. */
const describe = (part: ZipPart): { header: Buffer; name: Buffer; data: Buffer } => {
  const { claim = {} } = part;
  const content = Buffer.from(part.content ?? '');
  const data = part.isStored ? content : deflateRawSync(content);
  const flags = (part.isEncrypted ? 1 : 0) | (part.isUtf8 ? 0x800 : 0);
  const header = Buffer.concat([
    word(flags, 2),
    word(claim.method ?? (part.isStored ? 0 : 8), 2),
    word(0, 2),
    word(0x21, 2),
    word(claim.crc32 ?? crc32(content), 4),
    word(claim.compressedBytes ?? data.length, 4),
    word(claim.sizeBytes ?? content.length, 4),
  ]);
  return { header, name: Buffer.from(part.name), data };
};

const word = (value: number, bytes: 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
