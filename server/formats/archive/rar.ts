// Reads RAR archives (RAR 4 and 5) nobody vouches for: every name and size in them is a claim to be checked.
import { type BookSource, UnreadableFile } from '../book.ts';
import { damaged, locked, MAX_ENTRIES, MAX_SOLID_BYTES, tooLarge, tooMany } from './limits.ts';
import { type OpenedArchive, type RarArchive, runUnrar, type UnrarState } from './rar-machine.ts';

export type RarEntry = {
  /** The path with "/" between its parts. */
  name: string;
  /** Unpacked, as the archive says; `read` never gives another number of bytes. */
  sizeBytes: number;
  isEncrypted: boolean;
};

export type Rar = {
  /** The files in the archive's order, without folders, empty files, links and names that lead outside. */
  entries: readonly RarEntry[];
  /** The unpacked bytes of an entry, checked. Throws UnreadableFile: too_large above the limits, encrypted, corrupt. */
  read(entry: RarEntry, limitBytes: number): Promise<Buffer>;
};

/**
 * Opens the archive and lists it; the list of a damaged archive ends where the damage begins.
 * Throws UnreadableFile: empty, corrupt, encrypted, too_large, unsupported for one part of several.
 */
export const openRar = async (source: BookSource): Promise<Rar> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const { isSolid, listed } = listArchive(source);
  const entries = listed.filter(({ isFile }) => isFile);
  return {
    entries,
    read: async (entry, limitBytes) => {
      const place = listed.findIndex((candidate) => candidate === entry);
      if (place === -1) throw new Error('The entry belongs to another archive.');
      // In a solid archive all that lies before an entry is unpacked with it.
      const before = isSolid ? listed.slice(0, place).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) : 0;
      if (entry.sizeBytes > limitBytes || before > MAX_SOLID_BYTES) throw tooLarge();
      if (entry.isEncrypted) throw locked();
      return extract(source, place, entry.sizeBytes);
    },
  };
};

type Listed = RarEntry & { isFile: boolean };

const listArchive = (source: BookSource): { isSolid: boolean; listed: Listed[] } =>
  withArchive(source, { listOnly: true }, (archive, opened) => {
    if ((opened.flags & archiveFlags.volume) !== 0) {
      throw new UnreadableFile(
        'unsupported',
        'The archive is one part of several, which cannot be read here.',
      );
    }
    const listed: Listed[] = [];
    for (;;) {
      const header = archive.getFileHeader();
      if (header.state.errCode !== 0) {
        if (header.state.errCode !== endOfArchive && listed.length === 0) throw failure(header.state);
        break;
      }
      if (listed.length === MAX_ENTRIES) throw tooMany();
      const name = header.name.replaceAll('\\', '/');
      listed.push({
        name,
        sizeBytes: header.unpSize,
        isEncrypted: (header.flags & fileFlags.encrypted) !== 0,
        // A link that RAR 5 stores has no content.
        isFile: (header.flags & fileFlags.folder) === 0 && header.unpSize > 0 && !leadsOutside(name),
      });
      if (archive.readFile(true).errCode !== 0) break;
    }
    return { isSolid: (opened.flags & archiveFlags.solid) !== 0, listed };
  });

const extract = (source: BookSource, place: number, sizeBytes: number): Buffer => {
  const output: Buffer[] = [];
  return withArchive(source, { listOnly: false, output, maxOutputBytes: sizeBytes }, (archive) => {
    for (let number = 0; ; number += 1) {
      const header = archive.getFileHeader();
      if (header.state.errCode !== 0) throw failure(header.state);
      const read = archive.readFile(number !== place);
      if (read.errCode !== 0) throw failure(read);
      if (number === place) break;
    }
    const bytes = Buffer.concat(output);
    if (bytes.length !== sizeBytes) throw damaged();
    return bytes;
  });
};

const leadsOutside = (name: string): boolean =>
  name.startsWith('/') || name.includes('\0') || /^[a-z]:/i.test(name) || name.split('/').includes('..');

// The error codes and flags of UnRAR's dll.hpp.
const endOfArchive = 10;
const noMemory = 11;
const missingPassword = 22;
const badPassword = 24;
const archiveFlags = { volume: 0x01, solid: 0x08 };
const fileFlags = { encrypted: 0x04, folder: 0x20 };

const failure = ({ errCode }: UnrarState): UnreadableFile => {
  if (errCode === missingPassword || errCode === badPassword) return locked();
  return errCode === noMemory ? tooLarge() : damaged(new Error(`UnRAR error ${errCode}`));
};

const withArchive = <T>(
  source: BookSource,
  pass: { listOnly: boolean; output?: Buffer[]; maxOutputBytes?: number },
  run: (archive: RarArchive, opened: OpenedArchive) => T,
): T => {
  try {
    return runUnrar({ source, output: [], maxOutputBytes: 0, ...pass }, (archive, opened) => {
      if (opened.state.errCode !== 0) throw failure(opened.state);
      return run(archive, opened);
    });
  } catch (error) {
    // A broken archive can also end in a trap of the machine.
    throw error instanceof UnreadableFile ? error : damaged(error);
  }
};
