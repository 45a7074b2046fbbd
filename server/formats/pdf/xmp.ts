// Reads the XMP packet of a PDF: what modern programs, calibre among them, write about a document.
import type { BookIdentifier } from '../book.ts';
import {
  attribute,
  childElements,
  descendants,
  findChild,
  parseXml,
  textOf,
  type XmlElement,
} from '../markup/xml.ts';
import { defined } from '../../base/defined.ts';

/** Texts as written. Lists are in the packet's order. */
export type Xmp = {
  title?: string;
  creators: string[];
  subjects: string[];
  keywords?: string;
  description?: string;
  languages: string[];
  publisher?: string;
  date?: string;
  series?: { name: string; index?: string };
  identifiers: BookIdentifier[];
};

/** What an XMP packet (ISO 16684-1) says; nothing for one that cannot be read. */
export const readXmp = (packet: string | undefined): Xmp => {
  const properties = packet === undefined ? [] : propertiesOf(packet);
  const values = (local: string, ...prefixes: string[]): string[] =>
    properties
      .filter((property) => property.local === local && prefixes.includes(property.prefix))
      .flatMap((property) => property.values);
  const first = (local: string, ...prefixes: string[]): string | undefined => values(local, ...prefixes)[0];
  const series = seriesOf(properties);
  return defined({
    title: first('title', 'dc'),
    creators: values('creator', 'dc'),
    subjects: values('subject', 'dc'),
    keywords: first('Keywords', 'pdf'),
    description: first('description', 'dc'),
    languages: values('language', 'dc'),
    publisher: first('publisher', 'dc'),
    date: first('publicationDate', 'prism') ?? first('date', 'dc'),
    series,
    identifiers: [
      ...['isbn', 'eIsbn', 'issn', 'doi'].flatMap((scheme) =>
        values(scheme, 'prism', 'pdfx').map((value) => ({ scheme, value })),
      ),
      ...values('ISBN', 'pdfx', 'prism').map((value) => ({ scheme: 'isbn', value })),
      ...values('identifier', 'dc').flatMap(urnOf),
      ...properties
        .filter(isNamed('xmp', 'Identifier'))
        .flatMap(({ element }) => (element ? schemedOf(element) : [])),
    ],
  });
};

type Property = { prefix: string; local: string; values: string[]; element?: XmlElement };

const propertiesOf = (packet: string): Property[] => {
  const root = readTree(packet);
  if (!root) return [];
  const descriptions = root.local === 'Description' ? [root] : descendants(root, 'Description');
  return descriptions.flatMap((description) => [
    // ISO 16684-1 §7.9.2.2: a simple property may be an attribute of its description.
    ...[...description.attributes].flatMap(([name, value]) => {
      const [prefix = '', local] = name.split(':');
      return local === undefined ? [] : [{ prefix, local, values: [value] }];
    }),
    ...childElements(description).map((element) => ({
      prefix: element.prefix,
      local: element.local,
      values: valuesOf(element),
      element,
    })),
  ]);
};

/** A damaged packet is one without properties: the document itself may be well. */
const readTree = (packet: string): XmlElement | undefined => {
  try {
    return parseXml(packet.slice(0, maxPacketLength), { maxElements: 20_000, maxDepth: 64 });
  } catch {
    return undefined;
  }
};

const maxPacketLength = 2 * 1024 * 1024;

/** The items of a property's array, its default language first (ISO 16684-1 §8.2.2.4), or its one text. */
const valuesOf = (element: XmlElement): string[] => {
  const array = childElements(element).find((child) => ['Seq', 'Bag', 'Alt'].includes(child.local));
  if (!array) return [textOf(findChild(element, 'value') ?? element)];
  const items = childElements(array, 'li');
  const isDefault = (item: XmlElement): boolean => attribute(item.attributes, 'lang') === 'x-default';
  if (array.local === 'Alt') items.sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
  return items.map(textOf);
};

/** calibre's own properties: a series with its index inside. */
const seriesOf = (properties: Property[]): Xmp['series'] => {
  const element = properties.find(isNamed('calibre', 'series'))?.element;
  const value = element && findChild(element, 'value');
  if (!value) return undefined;
  const index = findChild(element, 'series_index');
  return { name: textOf(value), ...(index && { index: textOf(index) }) };
};

const isNamed =
  (prefix: string, local: string) =>
  (property: Property): boolean =>
    property.prefix === prefix && property.local === local;

const urnOf = (value: string): BookIdentifier[] => {
  const match = /^(?:urn:)?(isbn|issn|doi|uuid):(.+)$/i.exec(value.trim());
  return match ? [{ scheme: match[1] ?? '', value: match[2] ?? '' }] : [];
};

const schemedOf = (element: XmlElement): BookIdentifier[] =>
  descendants(element, 'li').flatMap((item) => {
    const scheme = findChild(item, 'Scheme');
    const value = findChild(item, 'value');
    return scheme && value ? [{ scheme: textOf(scheme), value: textOf(value) }] : [];
  });
