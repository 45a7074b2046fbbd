// Takes a comic's metadata from its ComicInfo.xml (ComicRack, anansi-project v2.1) or MetronInfo.xml (v1.1).
import type { BookIdentifier, BookMetadata } from '../book.ts';
import { sanitizeDescription } from '../markup/html.ts';
import { dateOf, publicationDate } from '../publication-date.ts';
import { cleanList, cleanText } from '../text.ts';
import { attribute, childElements, findChild, parseXml, textOf, type XmlElement } from '../markup/xml.ts';

export type ComicInfo = {
  metadata: Omit<BookMetadata, 'pageCount' | 'chapters'>;
  /** Which page, counted from 0, is the front cover. */
  coverPage?: number;
};

const maxLength = 1000;
const maxNames = 200;

/**
 * What a ComicInfo.xml says; a damaged one gives what could be read, something else undefined. Without a title the
 * series and number serve as one. Throws UnreadableFile too_large.
 */
export const readComicInfo = (document: Uint8Array): ComicInfo | undefined => {
  const root = parseXml(document);
  if (root?.local !== 'ComicInfo') return undefined;
  const text = (name: string): string | undefined => textIn(root, name);
  const credits = creditRoles.flatMap((role) => listed(text(role)));
  const coverPage = frontCover(root);
  return {
    metadata: assemble({
      title: text('Title'),
      seriesName: text('Series'),
      seriesIndex: text('Number'),
      language: text('LanguageISO'),
      publisher: text('Publisher'),
      publishedOn: dateOf(Number(text('Year')), Number(text('Month')), Number(text('Day'))),
      summary: findChild(root, 'Summary'),
      authors: credits,
      subjects: listed(text('Genre')),
      identifiers: [...isbnOf(text('GTIN')), ...comicVineOf(text('GTIN')), ...comicVineOf(text('Web'))],
    }),
    ...(coverPage === undefined ? {} : { coverPage }),
  };
};

/** What a MetronInfo.xml says; something else gives undefined. Throws UnreadableFile too_large. */
export const readMetronInfo = (document: Uint8Array): ComicInfo | undefined => {
  const root = parseXml(document);
  if (root?.local !== 'MetronInfo') return undefined;
  const series = findChild(root, 'Series');
  const publisher = findChild(root, 'Publisher');
  const gtin = findChild(root, 'GTIN');
  const stories = cleanList(inside(root, 'Stories', 'Story').map(textOf), maxLength, maxNames);
  const comicVine = inside(root, 'IDS', 'ID').find(
    ({ attributes }) => attributes.get('source') === 'Comic Vine',
  );
  return {
    metadata: assemble({
      title: textIn(root, 'CollectionTitle') ?? cleanText(stories.join('; '), maxLength),
      seriesName: series && textIn(series, 'Name'),
      seriesIndex: textIn(root, 'Number'),
      language: series && cleanText(attribute(series.attributes, 'lang'), 50),
      // Before v1.1 the publisher's name was the text of the element itself.
      publisher: publisher && (textIn(publisher, 'Name') ?? cleanText(textOf(publisher), maxLength)),
      publishedOn: publicationDate(textIn(root, 'CoverDate')) ?? publicationDate(textIn(root, 'StoreDate')),
      summary: findChild(root, 'Summary'),
      authors: metronAuthors(root),
      subjects: inside(root, 'Genres', 'Genre').map(textOf),
      identifiers: [
        ...isbnOf(gtin && textIn(gtin, 'ISBN')),
        ...(comicVine ? identifier('comicvine', textOf(comicVine)) : []),
      ],
    }),
  };
};

type Facts = {
  title: string | undefined;
  seriesName: string | undefined;
  seriesIndex: string | undefined;
  language: string | undefined;
  publisher: string | undefined;
  publishedOn: string | undefined;
  summary: XmlElement | undefined;
  authors: string[];
  subjects: string[];
  identifiers: BookIdentifier[];
};

const assemble = (facts: Facts): ComicInfo['metadata'] => {
  const { seriesName, seriesIndex, language, publisher, publishedOn } = facts;
  const numbered = seriesIndex === undefined ? seriesName : `${seriesName} #${seriesIndex}`;
  const title = facts.title ?? (seriesName === undefined ? undefined : numbered);
  const description = sanitizeDescription(facts.summary && textOf(facts.summary));
  const index = seriesIndex === undefined ? {} : { index: seriesIndex };
  return {
    ...(title === undefined ? {} : { title }),
    authors: cleanList(facts.authors, maxLength, maxNames),
    ...(seriesName === undefined ? {} : { series: { name: seriesName, ...index } }),
    ...(language === undefined ? {} : { language }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(publishedOn === undefined ? {} : { publishedOn }),
    ...(description === undefined ? {} : { description }),
    subjects: cleanList(facts.subjects, maxLength, maxNames),
    identifiers: uniqueIdentifiers(facts.identifiers),
  };
};

const textIn = (element: XmlElement, name: string): string | undefined =>
  childElements(element, name)
    .map((child) => cleanText(textOf(child), maxLength))
    .find(Boolean);

const inside = (root: XmlElement, list: string, item: string): XmlElement[] =>
  childElements(root, list).flatMap((element) => childElements(element, item));

const listed = (text: string | undefined): string[] => text?.split(',') ?? [];

/** Roles in the order their people are named as authors. */
const creditRoles = [
  'Writer',
  'Penciller',
  'Inker',
  'Colorist',
  'Letterer',
  'CoverArtist',
  'Editor',
] as const;

/** MetronInfo's role words by the role they come under; people with other roles are no authors. */
const metronRoles: [RegExp, (typeof creditRoles)[number]][] = [
  [/^(?:writer|script|story|plot)$/i, 'Writer'],
  [/^(?:penciller|artist|illustrator|painter|layouts|breakdowns)$/i, 'Penciller'],
  [/^(?:inker|finishes|embellisher)$/i, 'Inker'],
  [/^colorist$/i, 'Colorist'],
  [/^letterer$/i, 'Letterer'],
  [/^cover$/i, 'CoverArtist'],
  [/editor$/i, 'Editor'],
];

const metronAuthors = (root: XmlElement): string[] => {
  const credits = inside(root, 'Credits', 'Credit').map((credit) => ({
    name: textIn(credit, 'Creator') ?? '',
    roles: inside(credit, 'Roles', 'Role').map((role) => textOf(role).trim()),
  }));
  return creditRoles.flatMap((wanted) => {
    const words = metronRoles.filter(([, role]) => role === wanted).map(([word]) => word);
    return credits
      .filter(({ roles }) => roles.some((role) => words.some((word) => word.test(role))))
      .map(({ name }) => name);
  });
};

const frontCover = (root: XmlElement): number | undefined => {
  const page = inside(root, 'Pages', 'Page').find(
    ({ attributes }) => attributes.get('Type') === 'FrontCover',
  );
  const image = Number(page?.attributes.get('Image') ?? Number.NaN);
  return Number.isInteger(image) && image >= 0 ? image : undefined;
};

const isbnOf = (raw: string | undefined): BookIdentifier[] => {
  const digits = raw?.replace(/[\s-]/g, '') ?? '';
  return /^(?:97[89]\d{10}|\d{9}[\dXx])$/.test(digits) ? identifier('isbn', raw ?? '') : [];
};

// ComicVine's addresses of issues end in 4000-<id>.
const comicVineOf = (raw: string | undefined): BookIdentifier[] => {
  const id = /urn:comicvine:(?:issue:)?(\d{1,12})|comicvine\.[a-z.]+\/[^\s,]*\b4000-(\d{1,12})/i.exec(
    raw ?? '',
  );
  return id === null ? [] : identifier('comicvine', id[1] ?? id[2] ?? '');
};

const identifier = (scheme: string, raw: string): BookIdentifier[] => {
  const value = cleanText(raw, 100);
  return value === undefined ? [] : [{ scheme, value }];
};

const uniqueIdentifiers = (identifiers: BookIdentifier[]): BookIdentifier[] => [
  ...new Map(identifiers.map((found) => [`${found.scheme} ${found.value}`, found])).values(),
];
