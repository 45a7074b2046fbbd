// Reads the many ways in which EPUBs write an ISBN, a UUID, a DOI or a shop's number.
import type { BookIdentifier } from '../book.ts';
import { isIsbn } from '../../base/isbn.ts';
import { cleanText } from '../text.ts';

/**
 * Scheme and value of an identifier: what `scheme` says, else ONIX code list 5 by `type`, else the part before the first
 * colon (koshelf.md "Metadata of books"), else what the value looks like, else "unknown". URNs give their own scheme.
 */
export const readIdentifier = (
  text: string,
  { scheme, type }: { scheme?: string | undefined; type?: string | undefined },
): BookIdentifier | undefined => {
  const raw = cleanText(text, 255);
  if (raw === undefined) return undefined;
  const said = cleanText(scheme, 50) ?? (type === undefined ? undefined : onixSchemes.get(type));
  const named = splitUrn(raw);
  if (said !== undefined) {
    // A URN inside a stated scheme repeats the scheme; one that says another thing is not the number asked for.
    const isSame = named !== undefined && (named.scheme === said.toLowerCase() || /^ur[ni]$/i.test(said));
    return isSame && named
      ? { scheme: /^ur[ni]$/i.test(said) ? named.scheme : said, value: named.value }
      : { scheme: said, value: raw };
  }
  return (
    named ??
    splitAtColon(raw) ?? {
      scheme: isIsbn(raw.replace(/[\s-]/g, '').toUpperCase()) ? 'isbn' : uuid.test(raw) ? 'uuid' : 'unknown',
      value: raw,
    }
  );
};

// ONIX code list 5.
const onixSchemes = new Map([
  ['02', 'isbn'],
  ['06', 'doi'],
  ['15', 'isbn'],
  ['22', 'urn'],
]);

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const splitUrn = (raw: string): BookIdentifier | undefined => {
  const urn =
    /^(?:urn:)?(isbn|uuid|doi|issn|oclc)\s*:\s*(\S.*)$/i.exec(raw) ?? /^urn:([\w-]+):(\S.*)$/i.exec(raw);
  if (urn?.[1] && urn[2]) return { scheme: urn[1].toLowerCase(), value: urn[2] };
  const doi = /^https?:\/\/(?:dx\.)?doi\.org\/(10\.\S+)$/i.exec(raw)?.[1];
  return doi === undefined ? undefined : { scheme: 'doi', value: doi };
};

const splitAtColon = (raw: string): BookIdentifier | undefined => {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(raw)) return { scheme: 'uri', value: raw };
  const colon = raw.indexOf(':');
  const scheme = raw.slice(0, Math.max(colon, 0)).trim();
  const value = raw.slice(colon + 1).trim();
  return scheme === '' || value === '' ? undefined : { scheme, value };
};
