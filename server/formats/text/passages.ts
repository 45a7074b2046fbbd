// Cuts the text of a book into passages: short enough to find a place by, each with its words as search looks for them.
import { deflateRawSync } from 'node:zlib';
import { fold } from '../../base/fold.ts';
import { spacedWords } from '../../base/spaced-words.ts';
import type { BookSource } from '../book.ts';
import { readText } from './of-book.ts';

export type TextPassage = {
  /** The title of its chapter; a chapter without one goes on from the last. */
  chapter: string | null;
  /** Folded, parted by blanks. */
  words: string;
  /** The text itself, UTF-8, deflated. */
  content: Uint8Array;
};

const passageLength = 6_000;
const passagesAtOnce = 32;

/** The passages of a book in order, some at a time. Throws what readText throws. */
export async function* readPassages(source: BookSource): AsyncGenerator<TextPassage[]> {
  let chunk: TextPassage[] = [];
  let chapter: string | null = null;
  for await (const { title, text } of readText(source)) {
    if (title !== undefined) chapter = title;
    for (const piece of piecesOf(text.toWellFormed().replaceAll('\0', ' '))) {
      chunk.push({
        chapter,
        words: spacedWords(fold(piece)),
        content: new Uint8Array(deflateRawSync(piece)),
      });
      if (chunk.length < passagesAtOnce) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** Pieces of about the same length, cut at the end of a line, else of a word. */
function* piecesOf(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > passageLength) {
    const piece = text.slice(from, from + passageLength);
    const line = piece.lastIndexOf('\n');
    const word = piece.lastIndexOf(' ');
    const end = line > passageLength / 2 ? line : word > passageLength / 2 ? word : whole(piece);
    yield piece.slice(0, end);
    from += end;
  }
  if (text.slice(from).trim() !== '') yield text.slice(from);
}

/** The length without half a character at its end. */
const whole = (piece: string): number => {
  const last = piece.charCodeAt(piece.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? piece.length - 1 : piece.length;
};
