// Walks over the characters of a query: blanks, words, quoted text.
import { badQuery } from './errors.ts';

/** A piece of text and where it began. `raw` keeps the backslashes before asterisks for wildcards. */
export type Piece = { at: number; text: string; isQuoted: boolean; pieces: string[] };

const BLANK = /\s/;
const isBare = (character: string) => !BLANK.test(character) && !'()"'.includes(character);

/** Returns a reader of the text that remembers where it is. */
export function createScanner(source: string) {
  let at = 0;

  const skipBlanks = (): void => {
    while (at < source.length && BLANK.test(source[at]!)) at++;
  };

  /** The characters up to where `ends` says so. */
  const take = (ends: (character: string) => boolean): string => {
    const from = at;
    while (at < source.length && !ends(source[at]!)) at++;
    return source.slice(from, at);
  };

  const quoted = (): Piece => {
    const from = at++;
    const pieces = [''];
    let text = '';
    for (;;) {
      const character = source[at++];
      if (character === undefined) throw badQuery('this quotation mark is never closed.', from);
      if (character === '"') return { at: from, text, isQuoted: true, pieces };
      if (character === '*') {
        text += character;
        pieces.push('');
        continue;
      }
      const plain = character === '\\' ? source[at++] : character;
      if (plain === undefined) throw badQuery('this quotation mark is never closed.', from);
      text += plain;
      pieces[pieces.length - 1] += plain;
    }
  };

  return {
    /** Where it is. */
    position: () => at,
    skipBlanks,
    atEnd: () => at >= source.length,
    peek: (): string | undefined => source[at],
    /** Whether the next character parts words. */
    atBorder: () => at >= source.length || !isBare(source[at]!),
    /** Goes on past this text if it is next. */
    skip(text: string): boolean {
      if (!source.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    /** Goes back. */
    backTo: (position: number): void => {
      at = position;
    },
    /** A word without blanks, brackets and quotation marks; ends before a character that `stops`, too. */
    bare(stops: string = ''): Piece {
      const from = at;
      const text = take((character) => !isBare(character) || stops.includes(character));
      return { at: from, text, isQuoted: false, pieces: text.split('*') };
    },
    quoted,
  };
}

export type Scanner = ReturnType<typeof createScanner>;
