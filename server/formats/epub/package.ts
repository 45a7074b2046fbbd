// The package document of an EPUB (OPF): what is in the book, in which order, and where it lies in the archive.
import { type Protection, UnreadableFile } from '../book.ts';
import {
  attribute,
  childElements,
  descendants,
  findChild,
  parseXml,
  type XmlElement,
} from '../markup/xml.ts';
import type { Zip, ZipEntry } from '../archive/zip.ts';

export type ManifestItem = {
  id: string;
  href: string;
  mediaType: string;
  properties: readonly string[];
};

export type EpubPackage = {
  zip: Zip;
  root: XmlElement;
  /** The children of `metadata`, those inside EPUB 2's `dc-metadata` and `x-metadata` included. */
  metadata: readonly XmlElement[];
  manifest: readonly ManifestItem[];
  itemById: ReadonlyMap<string, ManifestItem>;
  spine: XmlElement | undefined;
  /** The readable file an href of the package document leads to: in the archive, and not encrypted. */
  entryOf(href: string): ZipEntry | undefined;
  /** The same for an href inside another file of the book. */
  entryFrom(base: ZipEntry, href: string): ZipEntry | undefined;
  /** An XML document of the book; undefined when it is missing, damaged or larger than `limitBytes`. */
  readDocument(entry: ZipEntry | undefined, limitBytes: number): Promise<XmlElement | undefined>;
};

export type PackageParts = { zip: Zip; path: string; root: XmlElement; encrypted: ReadonlySet<ZipEntry> };

/** The package document's parts by name; what it lacks is empty. */
export const readPackage = ({ zip, path, root, encrypted }: PackageParts): EpubPackage => {
  const manifestElement = findChild(root, 'manifest');
  const manifest = manifestElement ? childElements(manifestElement, 'item').map(manifestItem) : [];
  const itemById = new Map<string, ManifestItem>();
  for (const item of manifest) if (!itemById.has(item.id)) itemById.set(item.id, item);

  // A table of contents names the same files again and again, with other fragments.
  const known = new Map<string, ZipEntry | undefined>();
  const entryFromPath = (base: string, href: string): ZipEntry | undefined => {
    const fragment = href.indexOf('#');
    const file = fragment === -1 ? href : href.slice(0, fragment);
    const key = `${base}\0${file}`;
    if (known.has(key)) return known.get(key);
    const found = findEntry(zip, base, file);
    const entry = found && !encrypted.has(found) ? found : undefined;
    known.set(key, entry);
    return entry;
  };
  return {
    zip,
    root,
    metadata: metadataElements(root),
    manifest,
    itemById,
    spine: findChild(root, 'spine'),
    entryOf: (href) => entryFromPath(path, href),
    entryFrom: (base, href) => entryFromPath(base.name, href),
    async readDocument(entry, limitBytes) {
      if (!entry) return undefined;
      try {
        return parseXml(await zip.read(entry, limitBytes));
      } catch (error) {
        if (error instanceof UnreadableFile) return undefined;
        throw error;
      }
    },
  };
};

/**
 * The archive path of an href in the file at `base`, fragment removed, never above the archive's root; undefined for an
 * href that leads to another place than the archive. Percent-encoding is left to the look-up.
 */
export const resolveHref = (base: string, href: string): string | undefined => {
  const fragment = href.indexOf('#');
  const path = (fragment === -1 ? href : href.slice(0, fragment)).trim();
  if (path === '' || path.startsWith('//') || (path.includes(':') && /^[a-z][a-z\d+.-]*:/i.test(path)))
    return undefined;
  if (!dotOrEmptyPart.test(path)) return base.slice(0, base.lastIndexOf('/') + 1) + path;
  const parts = path.startsWith('/') ? [] : base.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
};

/** The files whose content is protected. Obfuscated fonts (EPUB 3.3 §4.3, Adobe's way) do not count: text stays readable. */
export const encryptedEntries = async (zip: Zip): Promise<ReadonlySet<ZipEntry>> => {
  const found = new Set<ZipEntry>();
  const entry = zip.find('META-INF/encryption.xml');
  if (!entry) return found;
  let root: XmlElement | undefined;
  try {
    root = parseXml(await zip.read(entry, maxEncryptionBytes));
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
  }
  for (const data of root ? descendants(root, 'EncryptedData') : []) {
    const method = findChild(data, 'EncryptionMethod');
    if (method && fontObfuscations.has(attribute(method.attributes, 'Algorithm') ?? '')) continue;
    for (const reference of descendants(data, 'CipherReference')) {
      const target = findEntry(zip, '', attribute(reference.attributes, 'URI') ?? '');
      if (target) found.add(target);
    }
  }
  return found;
};

/**
 * Who locked the book, told by the files a seller's protection leaves: Readium LCP §3.2 license.lcpl, Apple's sinf.xml, and
 * with locked contents Adobe's rights.xml. Undefined for a book that anybody can read.
 */
export const protectionOf = (zip: Zip, encrypted: ReadonlySet<ZipEntry>): Protection | undefined => {
  if (zip.find('META-INF/license.lcpl')) return 'lcp';
  if (zip.find('META-INF/sinf.xml')) return 'apple';
  if (encrypted.size === 0) return undefined;
  return zip.find('META-INF/rights.xml') ? 'adobe' : 'unknown';
};

/** A path that does not simply go on from its folder. */
const dotOrEmptyPart = /(?:^|\/)\.{0,2}(?:\/|$)/;

const maxEncryptionBytes = 4 * 1024 * 1024;

const fontObfuscations = new Set(['http://www.idpf.org/2008/embedding', 'http://ns.adobe.com/pdf/enc#RC']);

const findEntry = (zip: Zip, base: string, href: string): ZipEntry | undefined => {
  const path = resolveHref(base, href);
  if (path === undefined) return undefined;
  return zip.find(path) ?? (path.includes('?') ? zip.find(path.slice(0, path.indexOf('?'))) : undefined);
};

const manifestItem = ({ attributes }: XmlElement): ManifestItem => ({
  id: attribute(attributes, 'id')?.trim() ?? '',
  href: attribute(attributes, 'href')?.trim() ?? '',
  mediaType: attribute(attributes, 'media-type')?.trim().toLowerCase() ?? '',
  properties: attribute(attributes, 'properties')?.trim().split(/\s+/) ?? [],
});

const metadataElements = (root: XmlElement): XmlElement[] => {
  const metadata = findChild(root, 'metadata');
  if (!metadata) return [];
  // OPF 2.0.1 §2.2 still allows the two wrappers of OEBPS 1.2.
  return childElements(metadata).flatMap((element) =>
    element.local === 'dc-metadata' || element.local === 'x-metadata' ? childElements(element) : [element],
  );
};
