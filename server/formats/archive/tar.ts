// Reads tar archives (POSIX ustar and pax, GNU) nobody vouches for: every name and size in them is a claim to be checked.
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { errorCode } from '../../base/error-code.ts';
import { type BookSource, UnreadableFile } from '../book.ts';
import { chunksOf } from '../file-bytes.ts';
import { damaged, MAX_ENTRIES, tooLarge, tooMany } from './limits.ts';
import { leadsOutside } from './zip-names.ts';

export type TarEntry = {
  /** The path with "/" between its parts. */
  name: string;
  /** As the archive says; `read` never gives another number of bytes. */
  sizeBytes: number;
  /** A tar has no passwords. */
  isEncrypted: false;
};

export type Tar = {
  /** The files in the archive's order, without folders, empty files, links, devices and names that lead outside. */
  entries: readonly TarEntry[];
  /** The bytes of an entry. Throws UnreadableFile: too_large above the limit, corrupt. */
  read(entry: TarEntry, limitBytes: number): Promise<Buffer>;
};

/**
 * Opens the archive and lists it, in one pass over all of it; the list of a damaged archive ends where the damage begins.
 * Throws UnreadableFile: empty, corrupt, too_large.
 */
export async function openTar(source: BookSource): Promise<Tar> {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const places = new Map<TarEntry, number>();
  let count = 0;
  try {
    for await (const { header, body } of entriesOf(source)) {
      if (count === MAX_ENTRIES) throw tooMany();
      const name = header.name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
      const isFile = header.type === 'file' && header.size > 0 && !leadsOutside(name);
      if (isFile) places.set({ name, sizeBytes: header.size, isEncrypted: false }, count);
      count += 1;
      await body.cancel();
    }
  } catch (error) {
    if (error instanceof UnreadableFile || errorCode(error) !== undefined) throw error;
    if (count === 0) throw damaged(error);
  }
  return {
    entries: [...places.keys()],
    async read(entry, limitBytes) {
      const place = places.get(entry);
      if (place === undefined) throw new Error('The entry belongs to another archive.');
      if (entry.sizeBytes > limitBytes) throw tooLarge();
      return extract(source, place, entry.sizeBytes);
    },
  };
}

/** Stops with an error where a header is wrong or the end is missing. */
const entriesOf = (source: BookSource): AsyncIterable<ParsedTarEntry> =>
  ReadableStream.from(chunksOf(source, source.sizeBytes)).pipeThrough(createTarDecoder({ strict: true }));

async function extract(source: BookSource, place: number, sizeBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let number = 0;
  try {
    for await (const { body } of entriesOf(source)) {
      if (number === place) {
        for await (const piece of body) pieces.push(piece);
        break;
      }
      number += 1;
      await body.cancel();
    }
  } catch (error) {
    throw errorCode(error) === undefined ? damaged(error) : error;
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.length !== sizeBytes) throw damaged();
  return bytes;
}
