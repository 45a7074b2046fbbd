// Parts the words of scripts that write them without blanks, so that an index of words can find them.

/** A character of a script that writes words without blanks. */
export const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const EACH = new RegExp(`${UNPARTED.source}\\p{Mark}*`, 'gu');

/** The text with a blank around each character, its marks included, of a script that knows none. */
export const spacedWords = (text: string): string => text.replace(EACH, ' $& ').replace(/ {2,}/g, ' ').trim();
