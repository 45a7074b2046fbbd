// Reads ZIP archives nobody vouches for: every name, size and count in them is a claim to be checked.
import { promisify } from 'node:util';
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  type ZipFile,
} from 'yauzl';
import { type BookSource, UnreadableFile } from '../book.ts';
import { readBytes } from '../file-bytes.ts';
import { finder, leadsOutside } from './zip-names.ts';

export type ZipLimits = {
  /** Entries an archive may have, directories included. */
  maxEntries: number;
  /** Bytes that may be unpacked from one archive by all reads together. */
  maxTotalBytes: number;
  /** Times an entry may grow; looked at only above `ratioFromBytes`. */
  maxRatio: number;
  ratioFromBytes: number;
};

export type ZipEntry = {
  /** The path with "/" between its parts. */
  name: string;
  /** Unpacked, as the archive says; `read` never gives another number of bytes. */
  sizeBytes: number;
  compressedBytes: number;
  isEncrypted: boolean;
};

export type Zip = {
  /** The files in the archive's order, without directories, symbolic links and names that lead outside. */
  entries: readonly ZipEntry[];
  /** How many entries were left out because their name or kind leads outside the archive. */
  refusedCount: number;
  /** The first entry of that name as it is or percent-decoded, else in any letter case. */
  find(name: string): ZipEntry | undefined;
  /**
   * The unpacked bytes of an entry, their length and CRC-32 checked. Throws UnreadableFile: too_large above the limits,
   * encrypted, unsupported for a compression other than stored and deflated, corrupt.
   */
  read(entry: ZipEntry, limitBytes: number): Promise<Buffer>;
};

/**
 * Opens the archive and reads its directory. Bytes before the archive's end record may be followed by others that do
 * not belong to it. Throws UnreadableFile: empty, corrupt, too_large, encrypted.
 */
export const openZip = async (source: BookSource, limits: Partial<ZipLimits> = {}): Promise<Zip> => {
  const allowed: ZipLimits = { ...defaultLimits, ...limits };
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const reader = new BlockReader(source.fd);
  const endBytes = findEnd(reader, source.sizeBytes);
  if (endBytes === undefined) throw new UnreadableFile('corrupt', 'The archive is incomplete or damaged.');
  const file = await openDirectory(reader, endBytes);
  if (file.entryCount > allowed.maxEntries) {
    throw new UnreadableFile('too_large', `The archive holds more than ${allowed.maxEntries} files.`);
  }

  const { located, refusedCount } = await readDirectory(file);
  const entries = [...located.keys()];
  let totalBytes = 0;
  return {
    entries,
    refusedCount,
    find: finder(entries),
    async read(entry, limitBytes) {
      const place = located.get(entry);
      if (!place) throw new Error('The entry belongs to another archive.');
      checkReadable(entry, place, limitBytes, allowed);
      totalBytes += entry.sizeBytes;
      if (totalBytes > allowed.maxTotalBytes) throw tooLarge();
      const packed = readPacked(source, entry, place);
      const bytes = place.method === stored ? packed : await inflate(packed, entry.sizeBytes);
      if (bytes.length !== entry.sizeBytes || crc32(bytes) !== place.crc32) throw damaged();
      return bytes;
    },
  };
};

const defaultLimits: ZipLimits = {
  maxEntries: 20_000,
  maxTotalBytes: 512 * 1024 * 1024,
  maxRatio: 200,
  ratioFromBytes: 4 * 1024 * 1024,
};

const blockBytes = 64 * 1024;
const stored = 0;
const deflated = 8;
const localHeaderBytes = 30;
const localHeaderMagic = 0x04034b50;
const endRecordBytes = 22;
/** The longest comment, the end record and the ZIP64 locator before it: what yauzl looks at too. */
const tailBytes = 0xffff + endRecordBytes + 20;
const endRecordMagic = Buffer.from('PK\x05\x06', 'latin1');
const inflateAsync = promisify(inflateRaw);
/** Below this, unpacking at once is quicker than a trip to another thread. */
const inflateInPlaceBytes = 256 * 1024;

const damaged = (cause?: unknown): UnreadableFile =>
  new UnreadableFile('corrupt', 'A part of the archive is damaged.', cause);
const tooLarge = (): UnreadableFile =>
  new UnreadableFile('too_large', 'A part of the archive is too large to read.');

/** Serves the directory's many small reads from one block in memory, at once, so that a directory is read in one go. */
class BlockReader extends RandomAccessReader {
  readonly #fd: number;
  #start = 0;
  #block: Buffer = Buffer.alloc(0);

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  /** The bytes asked for, fewer at the end of the file; good until the next call. */
  take(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#start + this.#block.length) {
      this.#block = readBytes(this.#fd, position, Math.max(length, blockBytes));
      this.#start = position;
    }
    return this.#block.subarray(position - this.#start, position - this.#start + length);
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let error: Error | null = null;
    try {
      if (this.take(position, length).copy(buffer, offset) < length)
        error = new Error('unexpected end of file');
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
    }
    callback(error);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

/** Where the archive ends: behind the last end record whose comment fits (APPNOTE 4.3.16). */
const findEnd = (reader: BlockReader, sizeBytes: number): number | undefined => {
  const tailStart = Math.max(0, sizeBytes - tailBytes);
  const tail = reader.take(tailStart, sizeBytes - tailStart);
  let at = tail.lastIndexOf(endRecordMagic);
  while (at !== -1) {
    if (at + endRecordBytes <= tail.length) {
      const end = at + endRecordBytes + tail.readUInt16LE(at + 20);
      if (end <= tail.length) return tailStart + end;
    }
    if (at === 0) return undefined;
    at = tail.lastIndexOf(endRecordMagic, at - 1);
  }
  return undefined;
};

const openDirectory = async (reader: BlockReader, sizeBytes: number): Promise<ZipFile> => {
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: false };
  try {
    return await fromRandomAccessReaderPromise(reader, sizeBytes, options);
  } catch (error) {
    throw new UnreadableFile('corrupt', 'The archive is incomplete or damaged.', error);
  }
};

/** Where an entry's data is and how it is packed. */
type Place = { headerOffset: number; method: number; crc32: number };

type Directory = { located: Map<ZipEntry, Place>; refusedCount: number };

/** Reads all entries. One whose bytes are at hand is announced before `readEntry` returns, so few turns are waited for. */
const readDirectory = async (file: ZipFile): Promise<Directory> => {
  const directory: Directory = { located: new Map(), refusedCount: 0 };
  let count = 0;
  let wake: () => void = () => {};
  let failure: unknown;
  file.on('entry', (entry: Entry) => {
    count += 1;
    addEntry(directory, entry);
    wake();
  });
  file.on('error', (error: unknown) => {
    failure = error;
    wake();
  });
  while (count < file.entryCount) {
    const before = count;
    file.readEntry();
    if (count === before && failure === undefined) await new Promise<void>((resolve) => (wake = resolve));
    if (failure !== undefined) throw directoryError(failure);
  }
  return directory;
};

const addEntry = (directory: Directory, entry: Entry): void => {
  const name = decodeName(entry).replaceAll('\\', '/');
  if (leadsOutside(name) || isSymbolicLink(entry)) {
    directory.refusedCount += 1;
  } else if (!name.endsWith('/')) {
    const { uncompressedSize: sizeBytes, compressedSize: compressedBytes } = entry;
    const { relativeOffsetOfLocalHeader: headerOffset, compressionMethod: method, crc32 } = entry;
    const listed = { name, sizeBytes, compressedBytes, isEncrypted: entry.isEncrypted() };
    directory.located.set(listed, { headerOffset, method, crc32 });
  }
};

const directoryError = (error: unknown): UnreadableFile =>
  error instanceof Error && error.message.includes('encryption')
    ? new UnreadableFile('encrypted', 'The archive is protected by a password.', error)
    : new UnreadableFile('corrupt', "The archive's list of files is damaged.", error);

const utf8 = new TextDecoder('utf-8', { fatal: true });

// Many archivers write UTF-8 without saying so (APPNOTE 4.4.4 bit 11); what is not UTF-8 is CP437 (APPNOTE D.1).
const decodeName = (entry: Entry): string => {
  if (entry.extraFields.some(({ id }) => id === unicodePathField)) {
    return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  }
  try {
    return utf8.decode(entry.fileNameRaw);
  } catch {
    return getFileNameLowLevel(0, entry.fileNameRaw, [], true);
  }
};

const unicodePathField = 0x7075;

// The upper half of the attributes is the Unix mode when the archive was made on Unix (3) or macOS (19).
const isSymbolicLink = (entry: Entry): boolean => {
  const madeOn = entry.versionMadeBy >> 8;
  return (madeOn === 3 || madeOn === 19) && ((entry.externalFileAttributes >>> 16) & 0xf000) === 0xa000;
};

const checkReadable = (entry: ZipEntry, { method }: Place, limitBytes: number, limits: ZipLimits): void => {
  const { sizeBytes: size, compressedBytes: packed } = entry;
  if (entry.isEncrypted) throw new UnreadableFile('encrypted', 'The archive is protected by a password.');
  if (method !== stored && method !== deflated) {
    throw new UnreadableFile('unsupported', 'The archive is packed in a way that cannot be read here.');
  }
  if (size > limitBytes) throw tooLarge();
  if (size > limits.ratioFromBytes && size > packed * limits.maxRatio) throw tooLarge();
  // Deflate adds five bytes to a block it cannot shrink (RFC 1951 §3.2.4); much more than that is made up.
  if (method === stored ? packed !== size : packed > size + size / 8 + 1024) throw damaged();
};

// APPNOTE 4.3.7: the local header has its own name and extra field, which need not be as long as the directory's.
const readPacked = ({ fd }: BookSource, entry: ZipEntry, { headerOffset }: Place): Buffer => {
  const header = readBytes(fd, headerOffset, localHeaderBytes);
  if (header.length < localHeaderBytes || header.readUInt32LE(0) !== localHeaderMagic) throw damaged();
  const start = headerOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = readBytes(fd, start, entry.compressedBytes);
  if (packed.length < entry.compressedBytes) throw damaged();
  return packed;
};

const inflate = async (packed: Buffer, size: number): Promise<Buffer> => {
  // zlib stops as soon as there is more than promised.
  const options = { maxOutputLength: Math.max(size, 1), chunkSize: Math.min(Math.max(size, 64), 64 * 1024) };
  try {
    return size <= inflateInPlaceBytes
      ? inflateRawSync(packed, options)
      : await inflateAsync(packed, options);
  } catch (error) {
    throw damaged(error);
  }
};
