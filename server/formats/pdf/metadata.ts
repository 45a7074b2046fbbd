// Decides what a PDF's two sources of metadata, its information dictionary and its XMP packet, say about the book.
import { type BookIdentifier, type BookMetadata, UnreadableFile } from '../book.ts';
import { type ComicInfo, readComicInfo } from '../comic/comic-info.ts';
import { sanitizeDescription } from '../markup/html.ts';
import type { Xmp } from './xmp.ts';
import { publicationDate } from '../publication-date.ts';
import { seriesIndex } from '../../base/series-index.ts';
import { cleanList, cleanText } from '../text.ts';

/** The texts of the information dictionary (ISO 32000-2 §14.3.3) and the catalogue's language. */
export type PdfInfo = {
  title?: string | undefined;
  author?: string | undefined;
  subject?: string | undefined;
  keywords?: string | undefined;
  isbn?: string | undefined;
  language?: string | undefined;
};

/**
 * The book's metadata without pages and chapters. The information dictionary goes first, as it does in KOReader, except
 * where XMP knows parts: several authors, identifiers. A date is only taken from XMP's dc:date or
 * prism:publicationDate, for all other dates of a PDF tell when the file was made.
 */
export const pdfMetadata = (
  info: PdfInfo,
  xmp: Xmp,
  fileName: string,
): Omit<BookMetadata, 'pageCount' | 'chapters'> => {
  const { keywords, comic } = readKeywords(info.keywords ?? xmp.keywords);
  const title = titleOf(info.title, fileName) ?? titleOf(xmp.title, fileName) ?? comic?.title;
  const language = [...xmp.languages, info.language, comic?.language]
    .map((raw) => cleanText(raw, 40))
    .find((tag) => tag !== undefined && /^[a-z]{2,8}(?:[-_]\w+)*$/i.test(tag));
  const publisher = cleanText(xmp.publisher, maxName) ?? comic?.publisher;
  const publishedOn = publicationDate(xmp.date) ?? comic?.publishedOn;
  const description =
    sanitizeDescription(xmp.description) ??
    sanitizeDescription(info.subject?.replaceAll('\0', '')) ??
    comic?.description;
  const series = seriesOf(xmp.series) ?? comic?.series;
  const authors = authorsOf(info.author, xmp.creators);
  return {
    ...(title !== undefined && { title }),
    authors: authors.length === 0 ? (comic?.authors ?? []) : authors,
    ...(series && { series }),
    ...(language !== undefined && { language }),
    ...(publisher !== undefined && { publisher }),
    ...(publishedOn !== undefined && { publishedOn }),
    ...(description !== undefined && { description }),
    subjects: cleanList([...xmp.subjects, ...keywords, ...(comic?.subjects ?? [])], maxName, 100),
    identifiers: identifiersOf(info.isbn, [...xmp.identifiers, ...(comic?.identifiers ?? [])]),
  };
};

/** The authors a text names, separated by semicolons, line ends, "&", "and" or, between full names, commas. */
export const splitAuthors = (raw: string): string[] =>
  raw
    .split(/[;\r\n\0]+/)
    .flatMap((part) => splitBetween(part, /\s+&\s+|,?\s+and\s+/i))
    .flatMap((part) => {
      const names = part.split(/\s*,\s*/);
      // "García Márquez, Gabriel" is one person: two parts are two people only beyond doubt, three are a list.
      return names.length > 2 ? splitBetween(part, /\s*,\s*/) : [part];
    });

/** True for the titles programs give when a person gave none: "untitled", "Microsoft Word - x.doc", a file's name. */
export const isMadeUpTitle = (title: string): boolean => madeUpTitle.test(title) || fileTitle.test(title);

const maxName = 500;
const maxTitle = 1000;

const titleOf = (raw: string | undefined, fileName: string): string | undefined => {
  const title = cleanText(raw, maxTitle);
  return title === undefined || title === fileName || isMadeUpTitle(title) ? undefined : title;
};

const madeUpTitle =
  /^(?:\(?(?:untitled|unbenannt|sans titre|no title|no job name|unknown|anonymous|title|print|document|dokument)\)?[ _-]?\d*|microsoft (?:office )?(?:word|excel|powerpoint|publisher) ?-.*|powerpoint presentation|pdf(?:tex| document)?|layout ?\d*|slide ?\d+|[\p{P}\p{S}\s]+)$/iu;

const fileTitle =
  /\.(?:pdf|docx?|odt|rtf|wpd?|pages|txt|md|html?|xml|tex|dvi|e?ps|indd|qx[dp]|pmd?6?\d?|p65|fm|book|pptx?|xlsx?|pub|cdr|ai|psd|jpe?g|png|tiff?|epub|mobi)$/i;

const authorsOf = (info: string | undefined, creators: string[]): string[] => {
  const written = info === undefined ? [] : splitAuthors(info);
  const listed = creators.length === 1 ? splitAuthors(creators[0] ?? '') : creators;
  const fromInfo = cleanList(written, maxName, maxAuthors).filter(isAuthor);
  const fromXmp = cleanList(listed, maxName, maxAuthors).filter(isAuthor);
  return fromXmp.length > 1 || fromInfo.length === 0 ? fromXmp : fromInfo;
};

const maxAuthors = 100;

/** Programs and machines sign with an address or an account; so do people who never filled in their name. */
const isAuthor = (name: string): boolean =>
  /\p{L}/u.test(name) &&
  !/^(?:https?:|www\.|mailto:)/i.test(name) &&
  !/^\S+@\S+$/.test(name) &&
  !/^\(?(?:unknown|unbekannt|anonymous|admin|administrator|user|owner|author|default|root|windows user|microsoft office user)\)?$/i.test(
    name,
  );

/** Splits only where both sides have at least two words, so that "Simon & Schuster" and "Sand and Sea" stay whole. */
const splitBetween = (text: string, separator: RegExp): string[] => {
  const parts = text.split(separator);
  return parts.every((part) => part.trim().split(/\s+/).length > 1) ? parts : [text];
};

const seriesOf = (raw: Xmp['series']): BookMetadata['series'] => {
  const name = cleanText(raw?.name, maxName);
  const index = cleanText(raw?.index, 40);
  return name === undefined ? undefined : { name, ...(index !== undefined && { index: seriesIndex(index) }) };
};

/** Comic programs put a whole ComicInfo document there; any other markup is no list of words. */
const readKeywords = (
  raw: string | undefined,
): { keywords: string[]; comic?: ComicInfo['metadata'] | undefined } => {
  const text = raw?.slice(0, maxKeywords) ?? '';
  if (!/^\s*<[?!a-z]/i.test(text))
    return { keywords: text.split(text.includes(';') ? /[;\r\n\0]/ : /[,\r\n\0]/) };
  try {
    return { keywords: [], comic: readComicInfo(Buffer.from(text))?.metadata };
  } catch (error) {
    if (error instanceof UnreadableFile) return { keywords: [] };
    throw error;
  }
};

const maxKeywords = 200_000;

const identifiersOf = (isbn: string | undefined, found: BookIdentifier[]): BookIdentifier[] => {
  const identifiers = new Map<string, BookIdentifier>();
  for (const raw of [...(isbn === undefined ? [] : [{ scheme: 'isbn', value: isbn }]), ...found]) {
    const scheme = cleanText(raw.scheme, 60);
    const value = cleanText(raw.value, 200);
    if (scheme === undefined || value === undefined || identifiers.size >= 50) continue;
    identifiers.set(`${scheme.toLowerCase()} ${value}`, { scheme, value });
  }
  return [...identifiers.values()];
};
