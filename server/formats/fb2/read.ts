// Reads FictionBook 2 files, bare or zipped, in one pass that ends as soon as everything is found.
// What is taken from them: koshelf.md "Metadata of books", FB2; elements: FictionBook 2.1 schema.
import {
  type BookMetadata,
  type BookReading,
  type BookSource,
  type Chapter,
  UnreadableFile,
} from '../book.ts';
import { coverIdOf, readDescription } from './description.ts';
import { chunksOf, readBytes } from '../file-bytes.ts';
import { cleanText, cutText } from '../text.ts';
import { attribute, scanXml, type XmlElement, type XmlHandler } from '../markup/xml.ts';
import { openZip } from '../archive/zip.ts';

/**
 * Reads the description, the cover and the titles of the first body's sections, in whatever encoding the document says.
 * Of an archive the first entry ending in .fb2 or .xml is read. A document that is damaged or longer than 256 MB gives
 * what stands before that. Throws UnreadableFile: empty, corrupt, encrypted, too_large, unsupported for an archive without a FictionBook.
 */
export const readFb2 = async (source: BookSource): Promise<BookReading> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const scan = createScan();
  await scanXml(await openDocument(source), scan.handler, { maxElements });
  const { metadata, cover } = scan.result();
  return {
    format: 'fb2',
    contentType: 'book',
    metadata,
    ...(cover === undefined ? {} : { cover }),
  };
};

const maxDocumentBytes = 256 * 1024 * 1024;
const maxElements = 5_000_000;
const maxDescriptionElements = 20_000;
const maxDescriptionText = 1 << 20;
const maxCoverText = 48 << 20;
const maxChapters = 5000;
const maxTitleLength = 1000;
/** A paragraph longer than this is text, not a heading. */
const maxHeadingLength = 80;

/** The bytes of the document, unzipped if need be, at most 256 MB. Throws UnreadableFile. */
export const openDocument = async (source: BookSource): Promise<Iterable<Uint8Array>> => {
  if (!readBytes(source.fd, 0, 4).equals(Buffer.from('PK\x03\x04', 'latin1')))
    return chunksOf(source, Math.min(source.sizeBytes, maxDocumentBytes));
  const zip = await openZip(source);
  const entry = zip.entries.find(({ name }) => /\.(?:fb2|xml)$/i.test(name));
  if (entry === undefined)
    throw new UnreadableFile('unsupported', 'There is no FictionBook in this archive.');
  return [await zip.read(entry, maxDocumentBytes)];
};

/** Follows the document and hands the elements below its root to whoever reads that part. */
const createScan = (): {
  handler: XmlHandler;
  result(): { metadata: BookMetadata; cover: Uint8Array | undefined };
} => {
  const description = createTree();
  const chapters = createChapters();
  let cover: ReturnType<typeof createCover> | undefined;
  let bodies = 0;
  let isFictionBook = false;
  let depth = 0;
  let part: XmlHandler | undefined;

  const partOf = (local: string, id: string | undefined): XmlHandler | undefined => {
    if (local === 'description' && description.root() === undefined) return description;
    if (local === 'body') {
      bodies += 1;
      return bodies === 1 ? chapters : undefined;
    }
    return local === 'binary' && id !== undefined && id === cover?.id && !cover.isRead() ? cover : undefined;
  };
  const isComplete = (): boolean =>
    description.root() !== undefined && bodies > 0 && (cover === undefined || cover.isRead());

  return {
    handler: {
      onOpen: (name, attributes) => {
        depth += 1;
        if (depth === 1) isFictionBook = name.local === 'FictionBook';
        if (!isFictionBook) return 'stop';
        if (depth === 2) part = partOf(name.local, attributes.get('id'));
        return part?.onOpen?.(name, attributes);
      },
      onText: (text) => part?.onText?.(text),
      onClose: (name) => {
        part?.onClose?.(name);
        if (depth === 2) {
          const root = description.root();
          if (part === description && root !== undefined) cover = createCover(coverIdOf(root));
          part = undefined;
        }
        depth -= 1;
        return depth === 1 && isComplete() ? 'stop' : undefined;
      },
    },
    result: () => {
      if (!isFictionBook)
        throw new UnreadableFile('corrupt', 'The file is not a FictionBook, or it is damaged.');
      const root = description.root();
      const metadata = root
        ? readDescription(root)
        : { authors: [], subjects: [], identifiers: [], chapters: [] };
      return { metadata: { ...metadata, chapters: chapters.result() }, cover: cover?.image() };
    },
  };
};

/** Builds the element it is given, up to a size no description has. */
const createTree = (): XmlHandler & { root(): XmlElement | undefined } => {
  type Open = XmlElement & { content: (XmlElement | string)[] };
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let textLength = 0;
  return {
    onOpen: (name, attributes) => {
      const element: Open = { ...name, attributes, content: [] };
      elements += 1;
      root ??= element;
      if (elements <= maxDescriptionElements) open.at(-1)?.content.push(element);
      open.push(element);
    },
    onText: (text) => {
      textLength += text.length;
      if (textLength <= maxDescriptionText) open.at(-1)?.content.push(text);
    },
    onClose: () => {
      open.pop();
    },
    root: () => root,
  };
};

/** Collects section titles and where they stand, counted in characters of text. */
const createChapters = (): XmlHandler & { result(): Chapter[] } => {
  type Heading = { text: string; at: number; depth: number };
  const titles: Heading[] = [];
  const firstParagraphs: Heading[] = [];
  let length = 0;
  let sections = 0;
  let isSectionNew = false;
  let isInNote = false;
  let reading: { heading: Heading; local: string; list: Heading[] } | undefined;

  return {
    onOpen: ({ local }, attributes) => {
      if (local === 'section') {
        sections += 1;
        if (sections === 1) isSectionNew = true;
      }
      if (reading) {
        // Paragraphs and line breaks inside a title part words; the numbers of notes are no part of it.
        reading.heading.text += ' ';
        isInNote ||= local === 'a' && attribute(attributes, 'type') === 'note';
        return;
      }
      const list = local === 'title' ? titles : firstParagraphs;
      const isHeading = local === 'title' ? sections > 0 : local === 'p' && sections === 1 && isSectionNew;
      if (!isHeading || list.length >= maxChapters) return;
      if (local === 'p') isSectionNew = false;
      reading = { heading: { text: '', at: length, depth: sections - 1 }, local, list };
    },
    onText: (text) => {
      length += text.length;
      if (reading && !isInNote && reading.heading.text.length < maxTitleLength) {
        reading.heading.text += cutText(text, maxTitleLength);
      }
    },
    onClose: ({ local }) => {
      if (local === 'a') isInNote = false;
      if (reading?.local === local) {
        reading.list.push(reading.heading);
        reading = undefined;
      }
      if (local === 'section') sections -= 1;
    },
    result: () => {
      const headings =
        titles.length > 0 ? titles : firstParagraphs.filter(({ text }) => text.length <= maxHeadingLength);
      return headings.flatMap(({ text, at, depth }) => {
        const title = cleanText(text, maxTitleLength);
        return title === undefined || length === 0 ? [] : [{ title, position: at / length, depth }];
      });
    },
  };
};

/** Collects the cover's base64 text; undefined when the description names no cover. */
const createCover = (
  id: string | undefined,
): (XmlHandler & { id: string; isRead(): boolean; image(): Uint8Array | undefined }) | undefined => {
  if (id === undefined) return undefined;
  const pieces: string[] = [];
  let length = 0;
  let isRead = false;
  return {
    id,
    onText: (text) => {
      length += text.length;
      if (length <= maxCoverText) pieces.push(text);
    },
    onClose: () => {
      isRead = true;
    },
    isRead: () => isRead,
    image: () => {
      if (length > maxCoverText) return undefined;
      const bytes = Buffer.from(pieces.join(''), 'base64');
      return bytes.length === 0 ? undefined : bytes;
    },
  };
};
