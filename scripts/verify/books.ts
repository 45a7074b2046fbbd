// Compares what we read of book files with what other programs read: checksums, title, authors, language, cover, pages.
import { basename } from 'node:path';
import type { BookMetadata } from '../../server/formats/book.ts';
import { compare, isSameText, notRead, said } from './comparison.ts';
import type { Claim, Comparison } from './comparison.ts';
import { at, textsOf } from './expected.ts';
import type { Readings } from './expected.ts';

export type BookFile = {
  metadata: BookMetadata;
  /** The first 32 hex digits of the SHA-256 of the cover's image. */
  coverHash: string | undefined;
};

/** Returns one comparison for each thing a book file says of itself. */
export function compareBook(path: string, file: BookFile, readings: Readings): Comparison[] {
  const { metadata, coverHash } = file;
  const { title, authors, series, language, pageCount } = metadata;
  const fact = (field: string, ours: string | undefined, claims: Claim[]) => ({ path, field, ours, claims });
  return [
    compare(fact('title', said(title), titles(path, readings)), isSameText),
    compare(fact('authors', listed(authors), authorLists(path, readings)), isSameList),
    compare(fact('series', said(series && seriesText(series)), seriesNames(readings)), isSameText),
    compare(fact('language', language, languages(readings)), isSameLanguage),
    compare(fact('cover', coverHash === undefined ? 'no' : 'yes', covers(readings))),
    compare(fact('cover image', coverHash, coverImages(path, readings)), (ours, theirs) =>
      theirs.startsWith(ours),
    ),
    compare(fact('pages', pageCount?.toString(), pages(readings))),
  ];
}

/** Returns the same comparisons for a book file that we refuse. */
export const refusedBook = (path: string): Comparison[] =>
  ['title', 'authors', 'series', 'language', 'cover', 'cover image', 'pages'].map((field) =>
    notRead(path, field),
  );

function titles(path: string, readings: Readings): Claim[] {
  const calibre = said(at(readings, 'calibre', 'title'));
  return [
    { tool: 'calibre', value: isFromName(calibre, path) ? undefined : calibre },
    { tool: 'epubcheck', value: said(at(readings, 'epubcheck', 'title')) },
    ...textsOf(at(readings, 'zip_opf', 'dc_title')).map((each) => ({ tool: 'opf', value: said(each) })),
    ...exiftool(readings, 'Title').map((each) => ({ tool: 'exiftool', value: said(each) })),
    { tool: 'mobitool', value: said(at(readings, 'mobitool', 'Title')) },
    { tool: 'pdfinfo', value: said(at(readings, 'pdfinfo', 'Title')) },
    { tool: 'ComicInfo', value: said(at(readings, 'comic', 'comicinfo_first', 'Title')) },
  ];
}

function authorLists(path: string, readings: Readings): Claim[] {
  const creators = at(readings, 'calibre', 'creators');
  const named = (Array.isArray(creators) ? creators : [])
    .filter((each) => at(each, 'role') === 'aut')
    .flatMap((each) => textsOf(at(each, 'name')));
  const credited = CREDITS.flatMap((role) => textsOf(at(readings, 'comic', 'comicinfo_first', role)));
  return [
    { tool: 'calibre', value: isFromName(listed(named), path) ? undefined : listed(named) },
    { tool: 'epubcheck', value: listed(textsOf(at(readings, 'epubcheck', 'creator'))) },
    { tool: 'opf', value: listed(textsOf(at(readings, 'zip_opf', 'dc_creator'))) },
    { tool: 'exiftool', value: listed(exiftool(readings, 'Creator')) },
    { tool: 'exiftool', value: listed(textsOf(at(readings, 'exiftool', 'PDF:Author'))) },
    { tool: 'mobitool', value: listed(textsOf(at(readings, 'mobitool', 'Author'))) },
    { tool: 'pdfinfo', value: listed(textsOf(at(readings, 'pdfinfo', 'Author'))) },
    { tool: 'ComicInfo', value: listed(textsOf(at(readings, 'comic', 'comicinfo_first', 'Writer'))) },
    { tool: 'ComicInfo', value: listed([...new Set(credited)]) },
  ];
}

/** Everybody a comic names for its words and pictures, in the order of the ComicInfo schema. */
const CREDITS = ['Writer', 'Penciller', 'Inker', 'Colorist', 'Letterer', 'CoverArtist', 'Editor'];

/** calibre takes what a file does not say from its name, "Title - Author.pdf", with spaces for underscores. */
function isFromName(text: string | undefined, path: string): boolean {
  const name = basename(path).replaceAll('_', ' ');
  const stem = name.replace(/(\.fb2)?\.[^.]+$/i, '');
  return (
    text !== undefined && [stem, ...stem.split(/ *- +/), name].map(said).includes(text.replaceAll('_', ' '))
  );
}

function seriesNames(readings: Readings): Claim[] {
  const name = said(at(readings, 'calibre', 'calibre:series'));
  const index = said(at(readings, 'calibre', 'calibre:series_index'));
  const comic = said(at(readings, 'comic', 'comicinfo_first', 'Series'));
  const number = said(at(readings, 'comic', 'comicinfo_first', 'Number'));
  return [
    { tool: 'calibre', value: name && seriesText({ name, index }) },
    // calibre numbers a book of a series that has no number.
    { tool: 'calibre', value: index === '1' ? name : undefined },
    { tool: 'ComicInfo', value: comic && seriesText({ name: comic, index: number }) },
  ];
}

/** calibre writes three letters for a language it found, and two, its own, where it found none. */
function languages(readings: Readings): Claim[] {
  const calibre = textsOf(at(readings, 'calibre', 'languages')).filter((code) => code.length === 3);
  const kept = (code: string): string | undefined => (code === 'und' ? undefined : code);
  return [
    ...calibre.map((code) => ({ tool: 'calibre', value: kept(code) && `${code} (any region)` })),
    { tool: 'epubcheck', value: said(at(readings, 'epubcheck', 'language')) },
    ...textsOf(at(readings, 'zip_opf', 'dc_language')).map((code) => ({ tool: 'opf', value: said(code) })),
    ...exiftool(readings, 'Language').map((code) => ({ tool: 'exiftool', value: said(code) })),
    { tool: 'mobitool', value: said(at(readings, 'mobitool', 'Language'))?.replace(/ \(.*\)$/, '') },
    { tool: 'ComicInfo', value: said(at(readings, 'comic', 'comicinfo_first', 'LanguageISO')) },
  ];
}

function covers(readings: Readings): Claim[] {
  const calibre = at(readings, 'calibre', 'calibre_extracts_cover');
  const images = at(readings, 'comic', 'image_entries');
  return [
    { tool: 'calibre', value: typeof calibre === 'boolean' ? yesOrNo(calibre) : undefined },
    {
      tool: 'opf',
      value: textsOf(at(readings, 'zip_opf', 'cover_image_property')).length > 0 ? 'yes' : undefined,
    },
    { tool: 'archive', value: typeof images === 'number' ? yesOrNo(images > 0) : undefined },
  ];
}

/** A PDF has no cover's image: whoever shows one draws the first page, each in pixels of their own. */
const coverImages = (path: string, readings: Readings): Claim[] => [
  {
    tool: 'calibre',
    value: /\.pdf$/i.test(path) ? undefined : said(at(readings, 'calibre', 'calibre_cover_sha256')),
  },
];

const pages = (readings: Readings): Claim[] => [
  { tool: 'pdfinfo', value: said(at(readings, 'pdfinfo', 'Pages')) },
  { tool: 'exiftool', value: said(at(readings, 'exiftool', 'PDF:PageCount')) },
  { tool: 'archive', value: said(at(readings, 'comic', 'image_entries')) },
  { tool: 'ComicInfo', value: said(at(readings, 'comic', 'comicinfo_first', 'PageCount')) },
];

const exiftool = (readings: Readings, name: string): string[] =>
  ['XML', 'PDF', 'XMP']
    // A PDF's Creator is the program that wrote it.
    .filter((group) => !(group === 'PDF' && name === 'Creator'))
    .flatMap((group) => textsOf(at(readings, 'exiftool', `${group}:${name}`)));

const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');

const seriesText = ({ name, index }: { name: string; index?: string | undefined }): string =>
  index === undefined ? name : `${name} #${index}`;

/** calibre, and the books it makes, name an author nobody knows "Unknown". */
const listed = (names: readonly string[]): string | undefined =>
  said(names.filter((name) => name !== 'Unknown').join(' & '));

/** Whoever puts several names into one text separates them by "&", ";" or ","; so "Last, First" is a list like any other. */
const isSameList = (ours: string, theirs: string): boolean => {
  const parts = (text: string) => text.split(/\s*[&;,]\s*/).map((name) => name.normalize('NFC'));
  return parts(ours).join('&') === parts(theirs).join('&');
};

const isSameLanguage = (ours: string, theirs: string): boolean => {
  const [tag = '', anyRegion] = theirs.split(' ', 2);
  const canonical = localeOf(ours);
  return anyRegion === undefined
    ? canonical?.baseName === localeOf(tag)?.baseName || ours === tag
    : canonical?.language === localeOf(tag)?.language;
};

/** Also makes one code of the two a language can have: "eng" is "en". */
function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag.replaceAll('_', '-'));
  } catch {
    return undefined;
  }
}
