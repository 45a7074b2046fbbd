// Reads comics: an archive of page images, often with a ComicInfo.xml or MetronInfo.xml that describes them.
import { type BookReading, type BookSource, UnreadableFile } from '../book.ts';
import { type ComicInfo, readComicInfo, readMetronInfo } from './comic-info.ts';
import { readBytes } from '../file-bytes.ts';
import { ARCHIVE_HEAD_BYTES, archiveKindOf } from '../archive/kind.ts';
import { openRar } from '../archive/rar.ts';
import { openTar } from '../archive/tar.ts';
import { openZip } from '../archive/zip.ts';

/**
 * Reads the pages' number, the cover and what ComicInfo.xml says, else MetronInfo.xml. Pages are in natural order (page 2
 * before page 10); the cover is the page named as front cover, else the first that can be read and shown. Authors are the writers,
 * then those who drew, inked, coloured, lettered and made the cover, then the editors. Which archive it is, is told by the
 * file's first bytes. Throws UnreadableFile: empty also for a comic without pages, encrypted, unsupported, corrupt, too_large.
 */
export const readComic = async (source: BookSource, format: ComicFormat): Promise<BookReading> => {
  const archive = await openArchive(source);
  const pages = archive.entries
    .filter(({ name }) => isPage(name))
    .sort((a, b) => compareNaturally(a.name, b.name));
  if (pages.length === 0) throw new UnreadableFile('empty', 'There are no pages in this comic.');
  if (pages.every(({ isEncrypted }) => isEncrypted)) {
    throw new UnreadableFile('encrypted', 'The comic is protected by a password.');
  }
  const info = await findInfo(archive);
  const isPicture = async (image: Buffer): Promise<boolean> => (await source.isPicture?.(image)) ?? true;
  const cover = await readCover(archive, { pages, coverPage: info?.coverPage, isPicture });
  return {
    format,
    contentType: 'comic',
    metadata: {
      authors: [],
      subjects: [],
      identifiers: [],
      ...info?.metadata,
      pageCount: pages.length,
      chapters: [],
    },
    ...(cover === undefined ? {} : { cover }),
  };
};

type ComicFormat = 'cbz' | 'cbr' | 'cbt';

const maxInfoBytes = 4 * 1024 * 1024;
const maxPageBytes = 64 * 1024 * 1024;
/** Pages tried until one can be read and shown. */
const maxCoverTries = 3;

type ArchiveEntry = { name: string; sizeBytes: number; isEncrypted: boolean };
type Archive<Entry extends ArchiveEntry> = {
  entries: readonly Entry[];
  read(entry: Entry, limitBytes: number): Promise<Buffer>;
};

const openArchive = async (source: BookSource): Promise<Archive<ArchiveEntry>> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  switch (archiveKindOf(readBytes(source.fd, 0, ARCHIVE_HEAD_BYTES))) {
    case 'rar':
      return openRar(source);
    case 'tar':
      return openTar(source);
    case '7z':
      throw new UnreadableFile('unsupported', 'Comics packed with 7-Zip cannot be read here.');
    // What is none says best itself what is wrong with it.
    case 'zip':
    case undefined:
      return openZip(source);
  }
};

/** Archivers on macOS add a "._" file to each page, in folders called __MACOSX. */
const isHidden = (name: string): boolean =>
  name.split('/').some((part) => part.startsWith('.') || part.toUpperCase() === '__MACOSX');

const isPage = (name: string): boolean =>
  /\.(?:jpe?g|png|webp|gif|avif|tiff?)$/i.test(name) && !isHidden(name);

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Folder by folder, numbers by their value; names that differ in case or accents only are told apart by their code. */
const compareNaturally = (a: string, b: string): number => {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const order = collator.compare(left[level] ?? '', right[level] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length || (a < b ? -1 : Number(a > b));
};

/** The info file nearest to the archive's root; ComicInfo goes before MetronInfo wherever it is. */
const findInfo = async (archive: Archive<ArchiveEntry>): Promise<ComicInfo | undefined> => {
  for (const { fileName, read } of [
    { fileName: 'comicinfo.xml', read: readComicInfo },
    { fileName: 'metroninfo.xml', read: readMetronInfo },
  ]) {
    const candidates = archive.entries
      .filter(({ name }) => name.split('/').at(-1)?.toLowerCase() === fileName && !isHidden(name))
      .sort((a, b) => a.name.split('/').length - b.name.split('/').length)
      .slice(0, 3);
    for (const entry of candidates) {
      const info = await readIfPossible(archive, entry, maxInfoBytes, read);
      if (info !== undefined) return info;
    }
  }
  return undefined;
};

const readCover = async (
  archive: Archive<ArchiveEntry>,
  {
    pages,
    coverPage,
    isPicture,
  }: { pages: ArchiveEntry[]; coverPage: number | undefined; isPicture: (image: Buffer) => Promise<boolean> },
): Promise<Buffer | undefined> => {
  const named = coverPage === undefined ? undefined : pages[coverPage];
  const candidates = named === undefined ? pages : [named, ...pages.filter((page) => page !== named)];
  for (const page of candidates.slice(0, maxCoverTries)) {
    const image = await readIfPossible(archive, page, maxPageBytes, (bytes) => bytes);
    if (image !== undefined && (await isPicture(image))) return image;
  }
  return undefined;
};

/** What `use` makes of an entry; undefined when it cannot be read, which does not make the rest of the comic unreadable. */
const readIfPossible = async <T>(
  archive: Archive<ArchiveEntry>,
  entry: ArchiveEntry,
  limitBytes: number,
  use: (bytes: Buffer) => T,
): Promise<T | undefined> => {
  try {
    return use(await archive.read(entry, limitBytes));
  } catch (error) {
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
};
