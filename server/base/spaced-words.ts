// Parts the words of scripts that write them without blanks, so that an index of words can find them.

const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** The text with a blank around each character of a script that knows none. */
export const spacedWords = (text: string): string =>
  text.replace(UNPARTED, ' $& ').replace(/ {2,}/g, ' ').trim();
