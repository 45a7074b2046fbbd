// What the package document of an EPUB says about the book.
import type { BookIdentifier, BookMetadata } from '../book.ts';
import { readIdentifier } from './identifiers.ts';
import type { EpubPackage } from './package.ts';
import { sanitizeDescription } from '../markup/html.ts';
import { publicationDate } from '../publication-date.ts';
import { seriesIndex } from '../../base/series-index.ts';
import { cleanList, cleanText } from '../text.ts';
import { attribute, innerMarkup, textOf, type XmlElement } from '../markup/xml.ts';

/** The metadata without chapters; the page count only where the package states it. */
export const readMetadata = ({ metadata }: EpubPackage): BookMetadata => {
  const facts = collectFacts(metadata);
  const { title, subtitle } = findTitles(facts);
  const series = findSeries(facts);
  const language = cleanText(facts.texts('language')[0], 35);
  const publisher = cleanText(facts.texts('publisher').at(-1), 255);
  const publishedOn = findDate(facts);
  const description = facts
    .elements('description')
    .map(innerMarkup)
    .findLast((text) => text.trim() !== '');
  const cleanDescription = sanitizeDescription(description);
  const pageCount = findPageCount(facts);
  return {
    ...(title !== undefined && { title }),
    ...(subtitle !== undefined && { subtitle }),
    authors: findAuthors(facts),
    ...(series && { series }),
    ...(language !== undefined && { language }),
    ...(publisher !== undefined && { publisher }),
    ...(publishedOn !== undefined && { publishedOn }),
    ...(cleanDescription !== undefined && { description: cleanDescription }),
    subjects: cleanList(facts.texts('subject'), 255, 100),
    identifiers: findIdentifiers(facts),
    ...(pageCount !== undefined && { pageCount }),
    chapters: [],
  };
};

const maxIdentifiers = 50;

type Facts = {
  /** The Dublin Core elements of a name, in any letter case (OEBPS 1.2 wrote dc:Title), those with text. */
  elements(local: string): readonly XmlElement[];
  texts(local: string): string[];
  /** What EPUB 3 metas say of the element with this one's id, else what EPUB 2 attributes say. */
  refinement(element: XmlElement, property: string): string | undefined;
  /** EPUB 3 metas of a property that refine nothing. */
  properties(property: string): readonly XmlElement[];
  /** EPUB 2: the content of the first meta of a name. */
  named(name: string): string | undefined;
};

const collectFacts = (metadata: readonly XmlElement[]): Facts => {
  const dublinCore = new Map<string, XmlElement[]>();
  const refinements = new Map<string, string>();
  const properties = new Map<string, XmlElement[]>();
  const named = new Map<string, string>();
  for (const element of metadata) {
    if (element.local !== 'meta') {
      if (textOf(element).trim() !== '') append(dublinCore, element.local.toLowerCase(), element);
      continue;
    }
    const property = attribute(element.attributes, 'property')?.trim();
    const refines = attribute(element.attributes, 'refines')?.trim().replace(/^#/, '');
    const name = attribute(element.attributes, 'name')?.trim();
    if (property && refines) setOnce(refinements, `${refines} ${property}`, textOf(element).trim());
    else if (property) append(properties, property, element);
    if (name) setOnce(named, name, attribute(element.attributes, 'content') ?? textOf(element));
  }
  return {
    elements: (local) => dublinCore.get(local) ?? [],
    texts: (local) => (dublinCore.get(local) ?? []).map(textOf),
    refinement(element, property) {
      const id = element.attributes.get('id');
      const refined = id === undefined ? undefined : refinements.get(`${id} ${property}`);
      return refined ?? attribute(element.attributes, property)?.trim();
    },
    properties: (property) => properties.get(property) ?? [],
    named: (name) => named.get(name),
  };
};

const append = (map: Map<string, XmlElement[]>, key: string, element: XmlElement): void => {
  const list = map.get(key);
  if (list) list.push(element);
  else map.set(key, [element]);
};

const setOnce = (map: Map<string, string>, key: string, value: string): void => {
  if (!map.has(key)) map.set(key, value);
};

/** EPUB 3.3 §5.5.3.2.2 and appendix D.3.13: the title said to be main, else the first that is not said to be another kind. */
const findTitles = (facts: Facts): { title?: string; subtitle?: string } => {
  const titles = facts
    .elements('title')
    .map((element) => ({
      text: cleanText(textOf(element), 500),
      kind: facts.refinement(element, 'title-type'),
      order: Number.parseFloat(facts.refinement(element, 'display-seq') ?? 'Infinity') || 0,
    }))
    .filter(({ text }) => text !== undefined)
    .sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
  const main =
    titles.find(({ kind }) => kind === 'main') ?? titles.find(({ kind }) => kind === undefined) ?? titles[0];
  const subtitle = titles.find((title) => title.kind === 'subtitle' && title !== main)?.text;
  return {
    ...(main?.text !== undefined && { title: main.text }),
    ...(subtitle !== undefined && { subtitle }),
  };
};

/** Those whose role is not given or author (MARC "aut"); when nobody's is, everybody. */
const findAuthors = (facts: Facts): string[] => {
  const creators = facts.elements('creator');
  const wrote = creators.filter((creator) => {
    const role = facts.refinement(creator, 'role')?.toLowerCase().split(/[/:]/).at(-1);
    return role === undefined || role === '' || role === 'aut' || role === 'author';
  });
  return cleanList((wrote.length > 0 ? wrote : creators).map(textOf), 255, 100);
};

/** One that has a number before those that have none: the collection said to be a series, else any that is not part of another one, else calibre's, last a set. */
const findSeries = (facts: Facts): BookMetadata['series'] => {
  const calibreName = cleanText(facts.named('calibre:series'), 255);
  const calibreIndex = indexOf(facts.named('calibre:series_index'));
  const collections = facts
    .properties('belongs-to-collection')
    .map((element) => ({
      name: cleanText(textOf(element), 255),
      kind: facts.refinement(element, 'collection-type'),
      index: indexOf(facts.refinement(element, 'group-position')),
    }))
    .concat({ name: calibreName, kind: 'calibre', index: calibreIndex })
    .filter(
      (collection): collection is typeof collection & { name: string } => collection.name !== undefined,
    );
  const numbered = collections.filter(({ index }) => index !== undefined);
  const best = firstOf(numbered) ?? firstOf(collections);
  if (best === undefined) return undefined;
  return { name: best.name, ...(best.index !== undefined && { index: best.index }) };
};

/** A set without a number is often no more than an imprint's. */
const collectionKinds = ['series', undefined, 'calibre', 'set'];

const firstOf = <Of extends { kind: string | undefined }>(collections: readonly Of[]): Of | undefined =>
  collectionKinds.map((kind) => collections.find((each) => each.kind === kind)).find(Boolean) ??
  collections[0];

const indexOf = (raw: string | undefined): string | undefined => {
  const index = cleanText(raw, 50);
  return index === undefined ? undefined : seriesIndex(index);
};

/** The date of publication, else one whose kind is not said, else any but that of a modification. */
const findDate = (facts: Facts): string | undefined => {
  const dates = facts.elements('date').map((element) => ({
    event: attribute(element.attributes, 'event')?.trim().toLowerCase(),
    date: publicationDate(textOf(element)),
  }));
  const known = dates.filter(({ date }) => date !== undefined);
  return (
    known.find(({ event }) => event?.includes('publication')) ??
    known.find(({ event }) => event === undefined) ??
    known.find(({ event }) => event !== 'modification') ?? {
      date: publicationDate(facts.properties('dcterms:issued').map(textOf)[0]),
    }
  ).date;
};

const findIdentifiers = (facts: Facts): BookIdentifier[] => {
  const found = new Map<string, BookIdentifier>();
  for (const element of facts.elements('identifier')) {
    const identifier = readIdentifier(textOf(element), {
      scheme: attribute(element.attributes, 'scheme'),
      type: facts.refinement(element, 'identifier-type'),
    });
    if (identifier) found.set(`${identifier.scheme} ${identifier.value}`, identifier);
  }
  return [...found.values()].slice(0, maxIdentifiers);
};

const findPageCount = (facts: Facts): number | undefined => {
  const stated =
    facts.properties('schema:numberOfPages').map(textOf)[0] ?? facts.named('schema:numberOfPages');
  const count = /^\s*(\d{1,6})\s*$/.exec(stated ?? '')?.[1];
  return count === undefined || Number(count) === 0 ? undefined : Number(count);
};
