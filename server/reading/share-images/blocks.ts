// The parts a share image is composed of, each as a piece of SVG at a given place. Pure.
import { ACCENT, HAIRLINE, INK, SOFT_INK } from './colours.ts';
import type { Figures } from './figures.ts';
import { round, setLine } from './outline.ts';
import type { Line, Piece } from './outline.ts';

/** Where a block stands that is centred on `x`; `y` is the baseline of its first line. */
type Centred = { x: number; y: number; size: number };
/** Where a block stands that fills a width. */
type Spread = { x: number; y: number; width: number; size: number };

/** A strong and a fine rule around the page; the fine one gives way to a diamond at each corner. */
export function frame(width: number, height: number): string {
  const [outer, inner, notch, diamondAt] = [46, 70, 44, 78];
  const [right, bottom] = [width - inner, height - inner];
  const turn = `A${notch} ${notch} 0 0 0`;
  const fine =
    `M${inner + notch} ${inner}H${right - notch}${turn} ${right} ${inner + notch}V${bottom - notch}` +
    `${turn} ${right - notch} ${bottom}H${inner + notch}${turn} ${inner} ${bottom - notch}V${inner + notch}` +
    `${turn} ${inner + notch} ${inner}Z`;
  const corners = [diamondAt, width - diamondAt].flatMap((x) =>
    [diamondAt, height - diamondAt].map((y) => diamond(x, y, 9)),
  );
  return (
    `<rect x="${outer}" y="${outer}" width="${width - 2 * outer}" height="${height - 2 * outer}" fill="none" stroke="${ACCENT}" stroke-width="6"/>` +
    `<path d="${fine}" fill="none" stroke="${ACCENT}" stroke-width="2"/>${corners.join('')}`
  );
}

/** The heading over the year; `size` is the year's. */
export const heading = (year: string, { x, y, size }: Centred): string =>
  line({ pieces: [capitals('A YEAR OF READING', size * 0.17)], x, y, fill: ACCENT }) +
  line({ pieces: [{ text: year, cut: 'roman', size, tracking: 0.02 }], x, y: y + size * 0.88, fill: ACCENT });

/** The books finished, large, and what they are below; `size` is the number's. */
export const booksFinished = (
  { completions }: Figures,
  { x, y, size, maxWidth }: Centred & { maxWidth: number },
): string =>
  line({ pieces: [{ text: completions.value, cut: 'roman', size }], x, y, fill: INK, maxWidth }) +
  line({
    pieces: [{ text: completions.label, cut: 'italic', size: size * 0.19 }],
    x,
    y: y + size * 0.32,
    fill: SOFT_INK,
  });

/** How many days had reading in them and how much of the year that is, over a rule filled as far. */
export function readingDays({ activeDays, activePercent }: Figures, { x, y, width, size }: Spread): string {
  const counted = (value: string, rest: string): Piece[] => [
    { text: value, cut: 'roman', size },
    { text: ` ${rest}`, cut: 'italic', size: size * 0.86 },
  ];
  const at = y + size * 0.62;
  const filled = (width * activePercent) / 100;
  return [
    line({ pieces: counted(activeDays.value, activeDays.label), x, y, anchor: 'start', fill: INK }),
    line({ pieces: counted(`${activePercent}%`, 'of the year'), x: x + width, y, anchor: 'end', fill: INK }),
    bar({ x, y: at, width, height: 2, fill: HAIRLINE }),
    filled === 0 ? '' : bar({ x, y: at - 3, width: filled, height: 8, fill: ACCENT }),
  ].join('');
}

/** Reading time, longest streak and best month side by side, hairlines between them; `y` is their upper end. */
export function remarks(
  { readTime, longestStreak, bestMonth }: Figures,
  { x, y, width, size }: Spread,
): string {
  // The name of a month is the longest of the three.
  const cells = [
    { from: 0, to: 0.32, pieces: measured(readTime, size), label: 'time read' },
    {
      from: 0.32,
      to: 0.64,
      pieces: measured(`${longestStreak.value} ${longestStreak.label}`, size),
      label: 'longest streak',
    },
    {
      from: 0.64,
      to: 1,
      pieces: [{ text: bestMonth.replace('-', '–'), cut: 'roman' as const, size: size * 0.9 }],
      label: 'best month',
    },
  ];
  return cells
    .map(({ from, to, pieces, label }) => {
      const at = { x: x + (width * (from + to)) / 2, maxWidth: width * (to - from) - 48 };
      return [
        from === 0 ? '' : hairline({ x: x + width * from, y, length: size * 1.75 }),
        line({ pieces, ...at, y: y + size * 0.82, fill: INK }),
        line({
          pieces: [{ text: label, cut: 'italic', size: size * 0.5 }],
          ...at,
          y: y + size * 1.58,
          fill: SOFT_INK,
        }),
      ].join('');
    })
    .join('');
}

/** A rule broken by a diamond; `reach` is half its length. */
export const ornament = ({ x, y, reach }: { x: number; y: number; reach: number }): string =>
  [x - reach, x + 34]
    .map((from) => bar({ x: from, y: y - 1, width: reach - 34, height: 2, fill: ACCENT }))
    .join('') + diamond(x, y, 12);

/** A fine upright line. */
export const hairline = ({ x, y, length }: { x: number; y: number; length: number }): string =>
  bar({ x: x - 1, y, width: 2, height: length, fill: HAIRLINE });

/** The program's mark and name, as a publisher's on a title page; `y` is the baseline of the name. */
export function imprint({ x, y, size }: Centred): string {
  const scale = (size * 2) / 32;
  const device = `<g transform="translate(${round(x - 16 * scale)} ${round(y - size * 3.5)}) scale(${round(scale, 4)})" fill="${ACCENT}">${DEVICE}</g>`;
  return device + line({ pieces: [capitals('PAPYRUS SHELF', size)], x, y, fill: ACCENT });
}

/** Three books on a board, 32 × 32: resources/icons/icon.svg. */
const DEVICE = '<path d="M4 5h6v19H4zM12 9h5v15h-5zM18.6 8.2l5.2-1.6 5.2 16.6-5.2 1.6zM2 26h28v2.200H2z"/>';

const capitals = (text: string, size: number): Piece => ({ text, cut: 'roman', size, tracking: 0.2 });

/** Figures large, the units after them smaller and in italics. */
const measured = (text: string, size: number): Piece[] =>
  (text.match(/[\d,]+|\s+|[^\d,\s]+/g) ?? []).map((part) =>
    /[\d\s]/.test(part)
      ? { text: part, cut: 'roman', size }
      : { text: part, cut: 'italic', size: size * 0.68 },
  );

const line = (given: Pick<Line, 'pieces' | 'x' | 'y' | 'fill'> & Partial<Line>): string =>
  setLine({ anchor: 'middle', maxWidth: Number.POSITIVE_INFINITY, ...given });

type Bar = { x: number; y: number; width: number; height: number; fill: string };

/** On whole pixels: a fine line stays fine. */
const bar = ({ x, y, width, height, fill }: Bar): string =>
  `<rect x="${Math.round(x)}" y="${Math.round(y)}" width="${Math.round(width)}" height="${Math.round(height)}" fill="${fill}"/>`;

const diamond = (x: number, y: number, reach: number): string =>
  `<path d="M${x} ${y - reach}l${reach} ${reach}-${reach} ${reach}-${reach}-${reach}z" fill="${ACCENT}"/>`;
