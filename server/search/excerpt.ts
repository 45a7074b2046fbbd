// Cuts out the place of a text where words were found, and says where in it they stand. Plain text, no markup.
import { fold } from '../base/fold.ts';
import { UNPARTED } from '../base/spaced-words.ts';
import { createBoundedMap } from '../base/bounded-map.ts';

/** `marks` are ranges of `text` in UTF-16 units, in order, without overlap. */
export type Excerpt = { text: string; marks: { start: number; end: number }[] };

const BEFORE = 60;
const LENGTH = 220;
/** Texts are looked through up to here. */
const MAX_TEXT = 40_000;
const MAX_MARKS = 20;

/**
 * Returns the surroundings of the first of the folded words, undefined when none of them occurs. With `atWordStart` they
 * count only where a word begins. A text that was cut has an ellipsis at that end.
 */
export function excerptOf(
  source: string,
  words: readonly string[],
  { atWordStart = false }: { atWordStart?: boolean } = {},
): Excerpt | undefined {
  const text = source.slice(0, MAX_TEXT).toWellFormed().normalize('NFC');
  const { folded, places } = foldWithPlaces(text);
  const hits = words
    .flatMap((word) => hitsOf(folded, word, atWordStart))
    .map(({ at, length }) => ({ start: places[at]!, end: places[at + length]! }))
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const [first] = hits;
  if (first === undefined) return undefined;

  const from = borderBefore(text, Math.max(0, first.start - BEFORE));
  const to = borderAfter(text, Math.max(first.end, Math.min(text.length, from + LENGTH)));
  const head = from > 0 ? '…' : '';
  const tail = to < text.length || source.length > MAX_TEXT ? '…' : '';
  const marks: Excerpt['marks'] = [];
  for (const { start, end } of hits) {
    if (marks.length >= MAX_MARKS || end > to) break;
    const moved = { start: start - from + head.length, end: end - from + head.length };
    const last = marks.at(-1);
    if (last !== undefined && moved.start < last.end) last.end = Math.max(last.end, moved.end);
    else marks.push(moved);
  }
  // One unit for one unit, so that the marks stay where they are.
  const plain = text.slice(from, to).replace(/\s/g, ' ');
  return { text: head + plain + tail, marks };
}

function hitsOf(folded: string, word: string, atWordStart: boolean): { at: number; length: number }[] {
  const hits = [];
  for (
    let at = folded.indexOf(word);
    at >= 0 && hits.length < 200;
    at = folded.indexOf(word, at + word.length)
  ) {
    if (!atWordStart || !LETTER.test(folded.slice(Math.max(0, at - 2), at)) || !isSpelled(word)) hits.push({ at, length: word.length }); // prettier-ignore
  }
  return hits;
}

const LETTER = /[\p{Letter}\p{Mark}\p{Number}]$/u;
/** Whether the word is of a script that parts words by blanks. */
const isSpelled = (word: string): boolean => !UNPARTED.test(word) && LETTER_FIRST.test(word);
const LETTER_FIRST = /^[\p{Letter}\p{Number}]/u;

/** The folded text, and for each of its units (and its end) where in the text it comes from. */
function foldWithPlaces(text: string): { folded: string; places: number[] } {
  let folded = '';
  const places: number[] = [];
  let at = 0;
  // A character with its marks is folded as one: a kana with its own makes another kana.
  for (const [character] of text.matchAll(/\P{Mark}\p{Mark}*|\p{Mark}+/gu)) {
    const plain =
      character.length === 1 && character < '\u0080' ? character.toLowerCase() : folding(character);
    for (let unit = 0; unit < plain.length; unit++) places.push(at);
    folded += plain;
    at += character.length;
  }
  places.push(at);
  return { folded, places };
}

const known = createBoundedMap<string, string>(5_000);
/** A text has few characters, many times. */
function folding(character: string): string {
  const found = known.get(character);
  if (found !== undefined) return found;
  const folded = fold(character);
  known.set(character, folded);
  return folded;
}

/** Moves to where a word begins, if one does nearby; never into the middle of a character. */
function borderBefore(text: string, at: number): number {
  if (at === 0) return 0;
  const blank = text.slice(at, at + 20).search(/\s/);
  if (blank >= 0) return at + blank + 1;
  return isLowSurrogate(text, at) ? at + 1 : at;
}

function borderAfter(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const blank = text.slice(at, at + 20).search(/\s/);
  if (blank >= 0) return at + blank;
  return isLowSurrogate(text, at) ? at + 1 : at;
}

const isLowSurrogate = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
};
