// Finds the cover image of an EPUB, in the ways publishers have marked it over the years.
import { UnreadableFile } from '../book.ts';
import type { EpubPackage, ManifestItem } from './package.ts';
import { attribute, childElements, descendants, findChild, textOf, type XmlElement } from '../markup/xml.ts';
import type { ZipEntry } from '../archive/zip.ts';

/**
 * The cover's bytes as they lie in the book: the image EPUB 3 marks, else the one EPUB 2's meta or guide leads to, else
 * an image named cover, else the one picture of a first page that has nothing else. What is marked but cannot be read or
 * shown is passed over; undefined when nothing is left.
 */
export const findCover = async (
  book: EpubPackage,
  isPicture: (image: Uint8Array) => Promise<boolean> = async () => true,
): Promise<Uint8Array | undefined> => {
  const tried = new Set<ZipEntry>();
  for (const entry of candidates(book)) {
    if (!entry || tried.has(entry)) continue;
    if (tried.size >= maxCandidates) return undefined;
    tried.add(entry);
    const image = isPage(entry.name) ? await imageOfPage(book, entry) : entry;
    const bytes = image && (await readImage(book, image));
    if (bytes && (await isPicture(bytes))) return bytes;
  }
  const image = await pictureOfFirstPage(book);
  const bytes = image && !tried.has(image) ? await readImage(book, image) : undefined;
  return bytes && (await isPicture(bytes)) ? bytes : undefined;
};

const maxCoverBytes = 32 * 1024 * 1024;
const maxPageBytes = 1024 * 1024;
const maxCandidates = 8;

function* candidates(book: EpubPackage): Generator<ZipEntry | undefined> {
  for (const item of book.manifest)
    if (item.properties.includes('cover-image')) yield book.entryOf(item.href);

  for (const element of book.metadata) {
    if (element.local !== 'meta' || attribute(element.attributes, 'name')?.trim().toLowerCase() !== 'cover')
      continue;
    const target = attribute(element.attributes, 'content')?.trim() ?? '';
    // The meta names an id; some tools write the file instead.
    yield book.entryOf(book.itemById.get(target)?.href ?? target);
  }

  const guide = findChild(book.root, 'guide');
  for (const reference of guide ? childElements(guide, 'reference') : []) {
    if (attribute(reference.attributes, 'type')?.trim().toLowerCase() !== 'cover') continue;
    yield book.entryOf(attribute(reference.attributes, 'href') ?? '');
  }

  for (const item of book.manifest) if (isNamedCover(item)) yield book.entryOf(item.href);
}

const isNamedCover = ({ id, href, mediaType }: ManifestItem): boolean => {
  if (!mediaType.startsWith('image/')) return false;
  const name = href.slice(href.lastIndexOf('/') + 1);
  return [id, name].some((text) => /cover/i.test(text) && !/back|discover/i.test(text));
};

const isPage = (name: string): boolean => /\.(?:xhtml|html?|xml)$/i.test(name);

const imageOfPage = async (book: EpubPackage, page: ZipEntry): Promise<ZipEntry | undefined> => {
  const root = await book.readDocument(page, maxPageBytes);
  const image = root && firstImage(root);
  return image && imageFrom(book, page, image);
};

const imageFrom = (book: EpubPackage, page: ZipEntry, image: XmlElement): ZipEntry | undefined => {
  const href = attribute(image.attributes, 'src') ?? attribute(image.attributes, 'href');
  return href === undefined ? undefined : book.entryFrom(page, href);
};

const pictureOfFirstPage = async (book: EpubPackage): Promise<ZipEntry | undefined> => {
  const first = book.spine === undefined ? undefined : childElements(book.spine, 'itemref')[0];
  const id = first && attribute(first.attributes, 'idref')?.trim();
  const page = book.entryOf((id === undefined ? undefined : book.itemById.get(id)?.href) ?? '');
  const root = page && (await book.readDocument(page, maxPageBytes));
  const body = root && descendants(root, 'body')[0];
  if (page === undefined || body === undefined || textOf(body).trim() !== '') return undefined;
  const images = [...descendants(body, 'img'), ...descendants(body, 'image')];
  return images.length === 1 ? imageFrom(book, page, images[0]!) : undefined;
};

const firstImage = (element: XmlElement): XmlElement | undefined => {
  if (element.local === 'img' || element.local === 'image') return element;
  for (const child of childElements(element)) {
    const found = firstImage(child);
    if (found) return found;
  }
  return undefined;
};

const readImage = async (book: EpubPackage, entry: ZipEntry): Promise<Uint8Array | undefined> => {
  try {
    const bytes = await book.zip.read(entry, maxCoverBytes);
    // A copy of its own memory can be handed from one thread to another.
    return bytes.length === 0 ? undefined : new Uint8Array(bytes);
  } catch (error) {
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
};
