// Looks for folded words in text as it was written, without folding all of it: that takes five times as long.
import { fold } from '../library/fold.ts';

/** Returns the different words of what a person looks for, folded, in the order they were typed. */
export const wordsOf = (searched: string): string[] => [
  ...new Set(
    fold(searched)
      .split(' ')
      .filter((word) => word !== ''),
  ),
];

/** Whether every one of the words, with blanks between them, occurs in the text once that is folded. */
export const holdsWords = (words: string, text: string): boolean => missingWords(words, text) === '';

/** Returns those of the words, with blanks between them, that do not occur in the text once that is folded. */
export function missingWords(words: string, text: string): string {
  const folded = text.normalize('NFKD').toLowerCase();
  const missing = patternsOf(words).filter(({ pattern }) => !pattern.test(folded));
  return missing.map(({ word }) => word).join(' ');
}

type Pattern = { word: string; pattern: RegExp };
/** Those of the search that runs, and of what its books leave to look for. */
let made = new Map<string, Pattern[]>();
const MADE_AT_MOST = 100;

function patternsOf(words: string): Pattern[] {
  let found = made.get(words);
  if (found === undefined) {
    if (made.size >= MADE_AT_MOST) made = new Map();
    found = words.split(' ').map((word) => ({ word, pattern: patternOf(word) }));
    made.set(words, found);
  }
  return found;
}

/** The letters of a folded word with any accents between them, as decomposition leaves them. */
const patternOf = (word: string): RegExp =>
  new RegExp(
    Array.from(word, (letter) => letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')).join('\\p{Mark}*'),
    'u',
  );
