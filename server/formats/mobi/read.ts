// Reads Kindle books: MOBI 6, KF8 (AZW3) and files that hold both.
// Layout: MobileRead wiki, "MOBI"; what is taken from it: koshelf.md "Metadata of books", MOBI.
import {
  type BookIdentifier,
  type BookMetadata,
  type BookReading,
  type BookSource,
  type Chapter,
  UnreadableFile,
} from '../book.ts';
import { sanitizeDescription } from '../markup/html.ts';
import { exth, type MobiHeader, parseMobiHeader } from './header.ts';
import { readNcxIndex } from './index-records.ts';
import { languageOfLocale } from './locale.ts';
import { openPalmDatabase, type PalmDatabase } from './palm-database.ts';
import { publicationDate } from '../publication-date.ts';
import { cleanList, cleanText } from '../text.ts';

/**
 * Reads title, authors, dates, cover and chapters; a locked (DRM) book gives its metadata all the same. A file with both
 * a MOBI 6 and a KF8 book counts as mobi: what the first does not say is taken from the second.
 * Throws UnreadableFile: empty, corrupt, unsupported.
 */
export const readMobi = async (source: BookSource): Promise<BookReading> => {
  const database = openPalmDatabase(source);
  const parts = openParts(database);
  const format: 'mobi' | 'azw3' = (parts[0]?.header.version ?? 0) >= 8 ? 'azw3' : 'mobi';
  const cover = findCover(database, parts);
  return {
    format,
    contentType: 'book',
    metadata: readMetadata(database, parts),
    ...(parts.some(({ header }) => header.isLocked) ? { protection: 'kindle' as const } : {}),
    ...(cover === undefined ? {} : { cover }),
  };
};

/** One book inside the file: its header and the record its own record numbers count from. */
type Part = { header: MobiHeader; firstRecord: number };

const maxHeaderBytes = 1 << 20;
const maxCoverBytes = 32 << 20;
const maxCoverSearch = 64;
const maxLength = 1000;
const maxNames = 200;

const openParts = (database: PalmDatabase): Part[] => {
  const header = parseMobiHeader(database.record(0, maxHeaderBytes));
  if (header === undefined) {
    // Books from before MOBI (PalmDOC) and those locked by the first DRM have a name and no header we could read.
    if (database.kind === 'TEXtREAd' && database.recordCount > 0) return [];
    throw database.kind.startsWith('TPZ')
      ? new UnreadableFile('unsupported', 'Topaz books cannot be read here.')
      : new UnreadableFile('corrupt', 'The file is not a Kindle book, or it is damaged.');
  }
  const firstRecord = header.number(exth.kf8Start);
  if (firstRecord === undefined || header.version >= 8) return [{ header, firstRecord: 0 }];
  const kf8 = parseMobiHeader(database.record(firstRecord, maxHeaderBytes));
  return [{ header, firstRecord: 0 }, ...(kf8 === undefined ? [] : [{ header: kf8, firstRecord }])];
};

const readMetadata = (database: PalmDatabase, parts: Part[]): BookMetadata => {
  const texts = (type: number): string[] =>
    parts.map(({ header }) => header.texts(type)).find((found) => found.length > 0) ?? [];
  const fullName = parts.map(({ header }) => cleanText(header.fullName, maxLength)).find(Boolean);
  const locale = parts.map(({ header }) => languageOfLocale(header.locale)).find(Boolean);

  const title = cleanText(texts(exth.title)[0], maxLength) ?? fullName ?? nameAsTitle(database.name);
  const language = cleanText(texts(exth.language)[0], 50)?.replaceAll('_', '-') ?? locale;
  const publisher = cleanText(texts(exth.publisher)[0], maxLength);
  const publishedOn = publicationDate(texts(exth.published)[0]);
  const description = sanitizeDescription(texts(exth.description).join('\n'));
  return {
    ...(title === undefined ? {} : { title }),
    authors: unfoldedList(texts(exth.author).flatMap(splitAuthors)),
    ...(language === undefined ? {} : { language }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(publishedOn === undefined ? {} : { publishedOn }),
    ...(description === undefined ? {} : { description }),
    subjects: unfoldedList(texts(exth.subject).flatMap((value) => value.split(/[;,]/))),
    identifiers: identifiersOf(texts),
    chapters: parts.map((part) => readChapters(database, part)).find((found) => found.length > 0) ?? [],
  };
};

// PalmDB names have underscores where their makers feared spaces.
const nameAsTitle = (name: string): string | undefined => cleanText(name.replaceAll('_', ' '), maxLength);

const splitAuthors = (value: string): string[] =>
  value
    .split(/[;\n]/)
    .flatMap((part) => {
      // "Ann Lee & Bo Ray" are two people; "Simon & Schuster" and "Preston & Child" are one name.
      const names = part.split(' & ').map((name) => name.trim());
      return names.every((name) => name.includes(' ')) ? names : [part];
    })
    // calibre writes the word where nobody is named.
    .filter((name) => name.trim() !== 'Unknown');

/** Cleaned, and without repetitions that differ in letter case only. */
const unfoldedList = (values: string[]): string[] => {
  const seen = new Set<string>();
  return cleanList(values, maxLength, maxNames).filter((value) => {
    const folded = value.toLowerCase();
    return !seen.has(folded) && seen.add(folded);
  });
};

const identifiersOf = (texts: (type: number) => string[]): BookIdentifier[] => {
  const isbns = texts(exth.isbn).map((value) =>
    value.replace(/^(?:urn:)?isbn[:\s-]*/i, '').replace(/\s/g, ''),
  );
  // calibre puts a number of its own there for Kindles to tell its books apart.
  const asin = [...texts(exth.asin), ...texts(exth.asinElsewhere)].find((value) =>
    /^[A-Z\d]{10}$/i.test(value.trim()),
  );
  return [
    ...cleanList(isbns, 100, 10).map((value) => ({ scheme: 'isbn', value })),
    ...cleanList(asin === undefined ? [] : [asin], 100, 1).map((value) => ({ scheme: 'mobi-asin', value })),
  ];
};

const readChapters = (database: PalmDatabase, { header, firstRecord }: Part): Chapter[] => {
  if (header.ncxIndex === undefined || header.textLengthBytes === 0) return [];
  return (
    readNcxIndex(database, firstRecord + header.ncxIndex)
      // The index lists level by level, all parts before the first chapter.
      .sort((a, b) => a.position - b.position || a.depth - b.depth)
      .flatMap(({ title, position, depth }) => {
        const text = cleanText(header.decode(title), maxLength);
        return text === undefined
          ? []
          : [{ title: text, position: Math.min(position / header.textLengthBytes, 1), depth }];
      })
  );
};

/** The cover record, else its thumbnail, else the first image of the book. */
const findCover = (database: PalmDatabase, parts: Part[]): Uint8Array | undefined => {
  const images = parts.flatMap(({ header, firstRecord }) =>
    header.firstImage === undefined ? [] : [{ header, first: firstRecord + header.firstImage }],
  );
  const named = [exth.coverOffset, exth.thumbnailOffset].flatMap((type) =>
    images.flatMap(({ header, first }) => {
      const offset = header.number(type);
      return offset === undefined ? [] : [first + offset];
    }),
  );
  const others = images.flatMap(({ first }) => Array.from({ length: maxCoverSearch }, (_, n) => first + n));
  const index = [...named, ...others].find(
    (record) => database.lengthOf(record) <= maxCoverBytes && isImage(database.record(record, 12)),
  );
  return index === undefined ? undefined : database.record(index, maxCoverBytes);
};

const isImage = (start: Buffer): boolean => {
  const text = start.toString('latin1');
  return (
    text.startsWith('\xff\xd8\xff') ||
    text.startsWith('\x89PNG\r\n\x1a\n') ||
    /^GIF8[79]a/.test(text) ||
    /^RIFF.{4}WEBP/s.test(text)
  );
};
