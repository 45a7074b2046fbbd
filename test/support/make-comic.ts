// Makes small comics for tests: ZIP archives, and RAR 5 archives whose files are stored as they are.
import { crc32 } from 'node:zlib';
import { writeZip, type ZipPart } from './zip-writer.ts';

/** A page that begins like a JPEG and goes on with its label, so that a test can tell pages apart. */
export const aPage = (label: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(label)]);

/** A CBZ of these files in this order; a name alone stands for a page labelled with it. */
export const makeCbz = (files: readonly (string | ZipPart)[]): Buffer =>
  writeZip(
    files.map((file) =>
      typeof file === 'string' ? { name: file, content: aPage(file), isStored: true } : file,
    ),
  );

export type RarPart = {
  name: string;
  content?: string | Uint8Array;
  /** What the archive says instead of the truth; a method above 0 claims that the content is compressed. */
  claim?: { sizeBytes?: number; method?: number; dictionaryExponent?: number; isSolid?: boolean };
  isEncrypted?: boolean;
};

export type RarKind = { isVolume?: boolean; isSolid?: boolean; hasEncryptedHeaders?: boolean };

/** The bytes of a RAR 5 archive (RAR 5.0 archive format, rarlab.com/technote.htm); a name alone stands for a page. */
export const makeCbr = (files: readonly (string | RarPart)[], kind: RarKind = {}): Buffer => {
  const flags = (kind.isVolume ? 1 : 0) | (kind.isSolid ? 4 : 0);
  const parts = files.map((file) => (typeof file === 'string' ? { name: file, content: aPage(file) } : file));
  return Buffer.concat([
    Buffer.from('526172211a070100', 'hex'),
    // What follows an encryption header would be encrypted; a reader without the password stops there.
    ...(kind.hasEncryptedHeaders
      ? [header(4, 0, [vint(0), vint(0), Buffer.from([15]), Buffer.alloc(16, 7)])]
      : []),
    header(1, 0, [vint(flags)]),
    ...parts.flatMap(makeFile),
    header(5, 0, [vint(0)]),
  ]);
};

const makeFile = ({ name, content = '', claim = {}, isEncrypted = false }: RarPart): Buffer[] => {
  const data = Buffer.from(content);
  const nameBytes = Buffer.from(name);
  const compression =
    ((claim.isSolid ? 1 : 0) << 6) | ((claim.method ?? 0) << 7) | ((claim.dictionaryExponent ?? 0) << 10);
  const extra = isEncrypted ? encryptionRecord() : Buffer.alloc(0);
  const fields = [
    ...(isEncrypted ? [vint(extra.length)] : []),
    vint(data.length),
    // The file has a CRC-32.
    vint(4),
    vint(claim.sizeBytes ?? data.length),
    vint(0o100644),
    u32(crc32(data)),
    vint(compression),
    vint(1),
    vint(nameBytes.length),
    nameBytes,
    extra,
  ];
  return [header(2, 2 | (isEncrypted ? 1 : 0), fields), data];
};

/** Version 0, no password check, KDF count, salt and initialisation vector. */
const encryptionRecord = (): Buffer => {
  const record = Buffer.concat([vint(1), vint(0), vint(0), Buffer.from([15]), Buffer.alloc(32, 7)]);
  return Buffer.concat([vint(record.length), record]);
};

const header = (type: number, flags: number, fields: Buffer[]): Buffer => {
  const body = Buffer.concat([vint(type), vint(flags), ...fields]);
  const sized = Buffer.concat([vint(body.length), body]);
  return Buffer.concat([u32(crc32(sized)), sized]);
};

/** Seven bits a byte from the lowest on, all bytes but the last marked. */
const vint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export type TarPart = {
  name: string;
  content?: string | Uint8Array;
  /** POSIX ustar: "0" a file, "2" a symbolic link, "5" a folder, "x" what the next header says instead; GNU: "L" a long name. */
  type?: string;
  /** What the archive says instead of the truth. */
  claim?: { sizeBytes?: number; checksum?: number };
};

/** The bytes of a tar (POSIX.1-2017 "ustar Interchange Format"); a name alone stands for a page. */
export const makeCbt = (files: readonly (string | TarPart)[]): Buffer =>
  Buffer.concat([
    ...files
      .map((file) => (typeof file === 'string' ? { name: file, content: aPage(file) } : file))
      .flatMap((part) => {
        const data = Buffer.from(part.content ?? '');
        return [tarHeader(part, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
      }),
    Buffer.alloc(1024),
  ]);

const tarHeader = ({ name, type = '0', claim = {} }: TarPart, sizeBytes: number): Buffer => {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, '0'), at);
  header.write(name, 0, 100);
  octal(0o644, 100, 8);
  octal(claim.sizeBytes ?? sizeBytes, 124, 12);
  octal(0, 136, 12);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  octal(claim.checksum ?? sum, 148, 7);
  return header;
};
