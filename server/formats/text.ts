// Cleans the short texts a book file holds about itself: titles, names, subjects.

/**
 * The text on one line without control characters, bidi overrides and byte order marks, white space collapsed, and
 * cut to `maxLength` UTF-16 units on a code point border; undefined when nothing is left to see.
 */
export const cleanText = (raw: string | undefined, maxLength: number): string | undefined => {
  if (raw === undefined) return undefined;
  const clean = raw
    .toWellFormed()
    .replace(whiteSpace, ' ')
    .replace(unwanted, '')
    .replace(/ {2,}/g, ' ')
    .trim();
  const cut = cutText(clean, maxLength).trimEnd();
  return visible.test(cut) ? cut : undefined;
};

/** At most `maxLength` UTF-16 units of a text; a surrogate pair is never split. */
export const cutText = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength);
};

/** The cleaned texts in their order, blanks and exact repetitions left out, at most `maxCount` of them. */
export const cleanList = (raw: Iterable<string>, maxLength: number, maxCount: number): string[] => {
  const seen = new Set<string>();
  for (const item of raw) {
    if (seen.size >= maxCount) break;
    const clean = cleanText(item, maxLength);
    if (clean !== undefined) seen.add(clean);
  }
  return [...seen];
};

// NEL and the two Unicode separators are line ends that \s does not all know.
const whiteSpace = /[\s\u0085\u2028\u2029]+/g;

// C0 and C1 controls, bidi embeddings, overrides and isolates (UAX #9), the byte order mark and non-characters.
// Joiners and direction marks stay: Persian, Indic scripts and emoji are written with them.
const unwanted = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

// Something that is more than format characters and spaces.
const visible = /[^\p{Cf}\s]/u;
