// Takes the metadata from the description element of a FictionBook.
import type { BookIdentifier, BookMetadata } from '../book.ts';
import { sanitizeDescription } from '../markup/html.ts';
import { publicationDate } from '../publication-date.ts';
import { cleanList, cleanText } from '../text.ts';
import { attribute, childElements, findChild, textOf, type XmlElement } from '../markup/xml.ts';
import { escapeMarkup } from '../../base/escape.ts';

const maxLength = 1000;
const maxNames = 200;

/** All but the chapters. Translators are not authors; genres stay the codes they are. */
export const readDescription = (description: XmlElement): BookMetadata => {
  const about = findChild(description, 'title-info');
  const edition = findChild(description, 'publish-info');
  const text = (element: XmlElement | undefined, name: string): string | undefined =>
    inside(element, name)
      .map((found) => cleanText(textOf(found), maxLength))
      .find(Boolean);

  const title = text(about, 'book-title');
  const series = [...inside(about, 'sequence'), ...inside(edition, 'sequence')].map(readSeries).find(Boolean);
  const language = text(about, 'lang');
  const publisher = text(edition, 'publisher');
  // The year of the edition at hand goes before the date the text was written.
  const publishedOn = publicationDate(text(edition, 'year')) ?? dateOf(inside(about, 'date')[0]);
  const blurb = sanitizeDescription(inside(about, 'annotation').map(toHtml).join(''));
  return {
    ...(title === undefined ? {} : { title }),
    authors: cleanList(inside(about, 'author').map(nameOf), maxLength, maxNames),
    ...(series === undefined ? {} : { series }),
    ...(language === undefined ? {} : { language }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(publishedOn === undefined ? {} : { publishedOn }),
    ...(blurb === undefined ? {} : { description: blurb }),
    subjects: cleanList(inside(about, 'genre').map(textOf), maxLength, maxNames),
    identifiers: inside(edition, 'isbn').flatMap(readIsbns),
    chapters: [],
  };
};

/** The id of the binary that holds the cover. */
export const coverIdOf = (description: XmlElement): string | undefined => {
  const page = inside(findChild(description, 'title-info'), 'coverpage')[0];
  const hrefs = inside(page, 'image').map((image) => attribute(image.attributes, 'href')?.trim());
  return hrefs.find((href) => href !== undefined && href !== '')?.replace(/^#/, '');
};

const inside = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element === undefined ? [] : childElements(element, name);

const nameOf = (author: XmlElement): string => {
  const part = (name: string): string => cleanText(inside(author, name).map(textOf)[0], maxLength) ?? '';
  const full = ['first-name', 'middle-name', 'last-name'].map(part).filter(Boolean).join(' ');
  return full === '' ? part('nickname') : full;
};

const readSeries = ({ attributes }: XmlElement): { name: string; index?: string } | undefined => {
  const name = cleanText(attribute(attributes, 'name'), maxLength);
  const index = cleanText(attribute(attributes, 'number'), 50);
  return name === undefined ? undefined : { name, ...(index === undefined ? {} : { index }) };
};

const dateOf = (date: XmlElement | undefined): string | undefined =>
  date && (publicationDate(attribute(date.attributes, 'value')) ?? publicationDate(textOf(date)));

const readIsbns = (element: XmlElement): BookIdentifier[] =>
  cleanList(textOf(element).split(/[,;]/), 100, 10).map((value) => ({ scheme: 'isbn', value }));

const htmlNames = new Map([
  ['p', 'p'],
  ['emphasis', 'em'],
  ['strong', 'strong'],
  ['code', 'code'],
  ['cite', 'blockquote'],
  ['poem', 'blockquote'],
  ['stanza', 'p'],
  ['subtitle', 'h4'],
  ['text-author', 'p'],
  ['table', 'p'],
]);

/** FictionBook's markup as HTML; elements without a counterpart leave their content, code to run does not. */
const toHtml = (element: XmlElement): string => {
  if (element.local === 'script' || element.local === 'style') return '';
  const content = element.content
    .map((node) => (typeof node === 'string' ? escapeText(node) : toHtml(node)))
    .join('');
  const { local, attributes } = element;
  if (local === 'empty-line') return '<br>';
  // The number of a note that is not part of the description.
  if (local === 'a' && attribute(attributes, 'type') === 'note') return '';
  // A line of verse.
  if (local === 'v') return `${content}<br>`;
  const href = local === 'a' ? attribute(attributes, 'href') : undefined;
  if (href !== undefined && !href.startsWith('#')) return `<a href="${escapeText(href)}">${content}</a>`;
  const name = htmlNames.get(local);
  return name === undefined ? content : `<${name}>${content}</${name}>`;
};

const escapeText = (text: string): string => escapeMarkup(text).replace(/\s+/g, ' ');
