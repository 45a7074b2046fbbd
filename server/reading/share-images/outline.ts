// Sets lines of text as outlines: the picture needs no font on the machine that draws it.
import type { Cut } from './cut.ts';
import { italic } from './glyphs-italic.ts';
import { roman } from './glyphs-roman.ts';
import { escapeMarkup } from '../../base/escape.ts';

/** A piece of a line that is set in one cut and size. */
export type Piece = {
  text: string;
  cut: 'roman' | 'italic';
  /** Pixels of the em. */
  size: number;
  /** Space added after each character, in em. */
  tracking?: number;
};

export type Line = {
  pieces: Piece[];
  x: number;
  /** The baseline. */
  y: number;
  anchor: 'start' | 'middle' | 'end';
  fill: string;
  /** A longer line is set smaller until it is this wide. */
  maxWidth: number;
};

/** Returns the line as an SVG group that names its text. Throws for a character the typeface here does not have. */
export function setLine({ pieces, x, y, anchor, fill, maxWidth }: Line): string {
  const natural = widthOf(pieces);
  const scale = Math.min(1, maxWidth / natural);
  const left = x - { start: 0, middle: 0.5, end: 1 }[anchor] * natural * scale;
  let at = 0;
  const outlines = pieces.map((piece) => {
    const { marks, width } = setPiece(piece);
    const place = `translate(${round(left + at * scale)} ${round(y)}) scale(${round((scale * piece.size) / 1000, 5)})`;
    at += width;
    return `<g transform="${place}">${marks}</g>`;
  });
  const text = pieces.map((piece) => piece.text).join('');
  return `<g fill="${fill}" aria-label="${escapeMarkup(text)}">${outlines.join('')}</g>`;
}

/** Returns how many pixels the pieces take side by side, the tracking after the last character left out. */
export function widthOf(pieces: Piece[]): number {
  const last = pieces.at(-1);
  const trailing = last === undefined ? 0 : (last.tracking ?? 0) * last.size;
  return pieces.reduce((sum, piece) => sum + setPiece(piece).width, 0) - trailing;
}

/** Returns the number with at most `digits` decimals, as short as it can be written. */
export const round = (value: number, digits = 1): string => String(Number(value.toFixed(digits)));

const CUTS: Record<Piece['cut'], Cut> = { roman, italic };

function setPiece({ text, cut, size, tracking = 0 }: Piece): { marks: string; width: number } {
  const { glyphs, kerns } = CUTS[cut];
  const chars = Array.from(text);
  let at = 0;
  const marks = chars.map((char, index) => {
    const glyph = glyphs[char];
    if (glyph === undefined) throw new Error(`The ${cut} cut has no outline for ${JSON.stringify(char)}.`);
    const [width, outline] = glyph;
    const mark =
      outline === '' ? '' : `<path d="${outline}"${at === 0 ? '' : ` transform="translate(${round(at)})"`}/>`;
    at += width + (kerns[char]?.[chars[index + 1] ?? ''] ?? 0) + tracking * 1000;
    return mark;
  });
  return { marks: marks.join(''), width: (at * size) / 1000 };
}
