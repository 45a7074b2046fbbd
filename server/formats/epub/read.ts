// Reads what an EPUB says about itself: EPUB 2, EPUB 3 and Kobo's KEPUB.
import { type BookReading, type BookSource, UnreadableFile } from '../book.ts';
import { readChapters } from './chapters.ts';
import { findCover } from './cover.ts';
import { readMetadata } from './metadata.ts';
import { type EpubPackage, encryptedEntries, protectionOf, readPackage, resolveHref } from './package.ts';
import { attribute, descendants, parseXml, type XmlElement } from '../markup/xml.ts';
import { openZip, type Zip } from '../archive/zip.ts';

/**
 * Reads metadata, chapters and cover; of the archive only the package document, the table of contents and the cover are
 * unpacked. A protected book gives what it leaves readable. Throws UnreadableFile when there is no readable package.
 */
export const readEpub = async (source: BookSource): Promise<BookReading> => {
  const zip = await openZip(source);
  const encrypted = await encryptedEntries(zip);
  const book = await openPackage(zip, encrypted);
  const metadata = readMetadata(book);
  const { chapters, pageCount } = await readChapters(book);
  metadata.chapters = chapters;
  if (metadata.pageCount === undefined && pageCount !== undefined) metadata.pageCount = pageCount;
  const cover = await findCover(book, source.isPicture);
  const protection = protectionOf(zip, encrypted);
  return {
    format: 'epub',
    contentType: 'book',
    metadata,
    ...(protection && { protection }),
    ...(cover && { cover }),
  };
};

const maxContainerBytes = 1024 * 1024;
const maxPackageBytes = 8 * 1024 * 1024;

/** The package document with its parts. Throws UnreadableFile when there is no readable one. */
export const openPackage = async (
  zip: Zip,
  known?: Awaited<ReturnType<typeof encryptedEntries>>,
): Promise<EpubPackage> => {
  const path = await findPackagePath(zip);
  const entry = path === undefined ? undefined : zip.find(path);
  if (path === undefined || !entry) {
    throw new UnreadableFile('corrupt', 'The EPUB does not say where its contents are.');
  }
  const root = parseXml(await zip.read(entry, maxPackageBytes));
  if (!root) throw new UnreadableFile('corrupt', "The EPUB's list of contents is damaged.");
  return readPackage({ zip, path, root, encrypted: known ?? (await encryptedEntries(zip)) });
};

/** The first package document the container names and the archive has; without one, the only one in the archive. */
const findPackagePath = async (zip: Zip): Promise<string | undefined> => {
  const container = await readContainer(zip);
  const rootfiles = container ? descendants(container, 'rootfile') : [];
  for (const rootfile of rootfiles) {
    const mediaType = attribute(rootfile.attributes, 'media-type')?.trim();
    if (mediaType && mediaType !== 'application/oebps-package+xml') continue;
    const path = resolveHref('', attribute(rootfile.attributes, 'full-path') ?? '');
    if (path !== undefined && zip.find(path)) return path;
  }
  const packages = zip.entries.filter(({ name }) => /\.opf$/i.test(name) && !name.startsWith('__MACOSX/'));
  return packages.length === 1 ? packages[0]?.name : undefined;
};

const readContainer = async (zip: Zip): Promise<XmlElement | undefined> => {
  const entry = zip.find('META-INF/container.xml');
  if (!entry) return undefined;
  try {
    return parseXml(await zip.read(entry, maxContainerBytes));
  } catch (error) {
    // The package can still be found by its name.
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
};
