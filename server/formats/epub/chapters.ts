// The table of contents of an EPUB: EPUB 3's navigation document, else EPUB 2's NCX.
import type { Chapter } from '../book.ts';
import type { EpubPackage, ManifestItem } from './package.ts';
import { cleanText } from '../text.ts';
import { attribute, childElements, descendants, findChild, textOf, type XmlElement } from '../markup/xml.ts';
import type { ZipEntry } from '../archive/zip.ts';

export type Contents = { chapters: Chapter[]; pageCount?: number };

/**
 * The chapters in the order of the table of contents and the number of pages of a printed edition it lists. A chapter
 * starts where its file starts; one whose file is not in the reading order, or cannot be read, is left out.
 */
export const readChapters = async (book: EpubPackage): Promise<Contents> => {
  const nav = await readNavigation(book);
  let pageCount = nav ? countPages(nav) : 0;
  let chapters = nav ? toChapters(book, outlineOfNav(nav), nav.entry) : [];
  if (chapters.length === 0) {
    const ncx = await readNcx(book);
    if (ncx) {
      chapters = toChapters(book, outlineOfNcx(ncx), ncx.entry);
      pageCount ||= descendants(ncx.root, 'pageTarget').length;
    }
    pageCount ||= await countPageMap(book);
  }
  return { chapters, ...(pageCount > 0 && { pageCount }) };
};

/** One line of a table of contents, before it is known where it leads. */
type OutlineEntry = { title: string | undefined; href: string | undefined; depth: number };

type TocDocument = { root: XmlElement; entry: ZipEntry };

const maxTocBytes = 8 * 1024 * 1024;
const maxChapters = 5000;

const readToc = async (
  book: EpubPackage,
  item: ManifestItem | undefined,
): Promise<TocDocument | undefined> => {
  const entry = item && book.entryOf(item.href);
  const root = await book.readDocument(entry, maxTocBytes);
  return entry && root ? { root, entry } : undefined;
};

const readNavigation = (book: EpubPackage): Promise<TocDocument | undefined> =>
  readToc(
    book,
    book.manifest.find(({ properties }) => properties.includes('nav')),
  );

const ncxType = 'application/x-dtbncx+xml';

const readNcx = (book: EpubPackage): Promise<TocDocument | undefined> => {
  const toc = book.spine && attribute(book.spine.attributes, 'toc');
  const named = toc === undefined ? undefined : book.itemById.get(toc);
  return readToc(book, named ?? book.manifest.find(({ mediaType }) => mediaType === ncxType));
};

const navOfKind = ({ root }: TocDocument, type: string, role: string): XmlElement | undefined =>
  descendants(root, 'nav').find(
    ({ attributes }) =>
      attribute(attributes, 'type')?.split(/\s+/).includes(type) || attributes.get('role')?.trim() === role,
  );

const countPages = (toc: TocDocument): number => {
  const list = navOfKind(toc, 'page-list', 'doc-pagelist');
  return list ? descendants(list, 'a').length : 0;
};

/** Adobe's page map, which the spine names by an attribute of its own. */
const countPageMap = async (book: EpubPackage): Promise<number> => {
  const id = book.spine && attribute(book.spine.attributes, 'page-map');
  const toc = id === undefined ? undefined : await readToc(book, book.itemById.get(id));
  return toc ? descendants(toc.root, 'page').length : 0;
};

const outlineOfNav = (toc: TocDocument): OutlineEntry[] => {
  const nav = navOfKind(toc, 'toc', 'doc-toc');
  const outline: OutlineEntry[] = [];
  const visit = (element: XmlElement, depth: number): void => {
    for (const child of childElements(element)) {
      if (child.local === 'a' || child.local === 'span') {
        outline.push({ title: textOf(child), href: attribute(child.attributes, 'href'), depth });
      } else {
        visit(child, child.local === 'ol' || child.local === 'ul' ? depth + 1 : depth);
      }
    }
  };
  if (nav)
    for (const list of childElements(nav)) if (list.local === 'ol' || list.local === 'ul') visit(list, 0);
  return outline;
};

const outlineOfNcx = ({ root }: TocDocument): OutlineEntry[] => {
  const outline: OutlineEntry[] = [];
  const visit = (parent: XmlElement, depth: number): void => {
    for (const point of childElements(parent, 'navPoint')) {
      const label = findChild(point, 'navLabel');
      const content = findChild(point, 'content');
      outline.push({
        title: label && textOf(label),
        href: content && attribute(content.attributes, 'src'),
        depth,
      });
      visit(point, depth + 1);
    }
  };
  const map = findChild(root, 'navMap');
  if (map) visit(map, 0);
  return outline;
};

const toChapters = (
  book: EpubPackage,
  outline: readonly OutlineEntry[],
  base: ZipEntry | undefined,
): Chapter[] => {
  if (!base || outline.length === 0) return [];
  const positions = spinePositions(book);
  const starts = outline.map(({ href }) => {
    const entry = href === undefined ? undefined : book.entryFrom(base, href);
    return entry && positions.get(entry);
  });
  const chapters: Chapter[] = [];
  for (const [index, { title, href, depth }] of outline.entries()) {
    if (chapters.length >= maxChapters) break;
    const clean = cleanText(title, 500);
    // A heading that leads nowhere itself stands where the first line below it does.
    const next = outline[index + 1];
    const position = starts[index] ?? (!href && next && next.depth > depth ? starts[index + 1] : undefined);
    if (clean !== undefined && position !== undefined) chapters.push({ title: clean, position, depth });
  }
  return chapters;
};

/** Where each file of the reading order starts, 0–1, by the unpacked sizes; empty when all are empty. */
const spinePositions = (book: EpubPackage): Map<ZipEntry, number> => {
  const positions = new Map<ZipEntry, number>();
  let totalBytes = 0;
  for (const reference of book.spine ? childElements(book.spine, 'itemref') : []) {
    const item = book.itemById.get(attribute(reference.attributes, 'idref')?.trim() ?? '');
    const entry = item && book.entryOf(item.href);
    if (!entry || positions.has(entry)) continue;
    positions.set(entry, totalBytes);
    totalBytes += entry.sizeBytes;
  }
  if (totalBytes === 0) return new Map();
  for (const [entry, bytesBefore] of positions) positions.set(entry, bytesBefore / totalBytes);
  return positions;
};
