// Breaks a text into lines of a width, in any script.

/** The width of a text as it will be printed. */
export type Measure = (text: string) => number;

/** Scripts that put no blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef]/u;
/** What begins no line, and what ends none. */
const CLOSING =
  /^[\p{Pe}\p{Pf}\p{Po}\p{Mark}\u30fc\u3005\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087]/u;
const OPENING = /[\p{Ps}\p{Pi}]$/u;

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Returns the lines; blanks where a line ends are not part of it. A word that is longer than a line is broken inside. */
export function linesWithin(text: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = (): void => {
    lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  for (const piece of piecesOf(text)) {
    const needed = measure(piece);
    if (used > 0 && used + measure(piece.trimEnd()) > width) end();
    if (needed <= width || measure(piece.trimEnd()) <= width) {
      line += piece;
      used += needed;
      continue;
    }
    for (const { segment } of letters.segment(piece)) {
      const wide = measure(segment);
      if (used > 0 && used + wide > width) end();
      line += segment;
      used += wide;
    }
  }
  end();
  return lines;
}

/** The text in pieces between which a line may end. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (const { segment } of words.segment(text)) {
    const last = pieces.at(-1);
    if (last === undefined || mayBreak(last, segment)) pieces.push(segment);
    else pieces[pieces.length - 1] = last + segment;
  }
  return pieces;
}

function mayBreak(before: string, after: string): boolean {
  if (/^\s/.test(after)) return false;
  if (/\s$/.test(before)) return true;
  if (CLOSING.test(after) || OPENING.test(before)) return false;
  if (/[-\u2010\u2013\u2014/]$/.test(before)) return before.length > 1;
  return UNSPACED.test(before.at(-1)!) || UNSPACED.test(after.charAt(0));
}

/** Whether a text runs from right to left: its first letter with a direction says so (UAX #9, P2). */
export const runsLeft = (text: string): boolean =>
  /^\P{L}*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(
    text,
  );
