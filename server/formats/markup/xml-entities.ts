// Replaces the entities XML does not know by itself, so that no document type is ever consulted for them.

/**
 * The text with HTML's Latin-1 and typographic entities as characters and every other named entity removed; the five
 * of XML and numeric ones stay for the parser. Entities a document declares itself are therefore never expanded.
 */
export const replaceEntities = (text: string): string =>
  text.includes('&') ? text.replace(named, (_, name: string) => characters.get(name) ?? '') : text;

/** Where to cut a piece of text that goes on, so that no entity is split: its length, or the start of the last "&…". */
export const entityBorder = (text: string): number => {
  const at = text.lastIndexOf('&');
  return at === -1 || text.length - at > longestEntity || text.includes(';', at) ? text.length : at;
};

const named = /&(?!(?:amp|lt|gt|quot|apos);)([\p{L}_:][\p{L}\p{N}_:.-]{0,63});/gu;
const longestEntity = 66;

// HTML 4.01 §24.2.1: these name U+00A0 to U+00FF in order.
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr ' +
  'deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest ' +
  'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ' +
  'ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig ' +
  'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml ' +
  'eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

// HTML 4.01 §24.4.1, those found in running text.
const typographic: [string, number][] = [
  ['OElig', 0x152],
  ['oelig', 0x153],
  ['Scaron', 0x160],
  ['scaron', 0x161],
  ['Yuml', 0x178],
  ['ensp', 0x2002],
  ['emsp', 0x2003],
  ['thinsp', 0x2009],
  ['zwnj', 0x200c],
  ['zwj', 0x200d],
  ['ndash', 0x2013],
  ['mdash', 0x2014],
  ['lsquo', 0x2018],
  ['rsquo', 0x2019],
  ['sbquo', 0x201a],
  ['ldquo', 0x201c],
  ['rdquo', 0x201d],
  ['bdquo', 0x201e],
  ['dagger', 0x2020],
  ['bull', 0x2022],
  ['hellip', 0x2026],
  ['prime', 0x2032],
  ['lsaquo', 0x2039],
  ['rsaquo', 0x203a],
  ['euro', 0x20ac],
  ['trade', 0x2122],
];

const characters = new Map<string, string>([
  ...latin1.split(' ').map((name, index): [string, string] => [name, String.fromCodePoint(0xa0 + index)]),
  ...typographic.map(([name, code]): [string, string] => [name, String.fromCodePoint(code)]),
]);
