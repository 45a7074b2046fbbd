// The share images as SVG: a title page for a year of reading, in three shapes. Pure.
import {
  booksFinished,
  frame,
  hairline,
  heading,
  imprint,
  ornament,
  readingDays,
  remarks,
} from './blocks.ts';
import { PAPER } from './colours.ts';
import { figuresOf, fingerprintOf } from './figures.ts';
import type { Figures, YearRecap } from './figures.ts';
import { drawShelf } from './shelf.ts';
import { escapeMarkup } from '../../base/escape.ts';

export type ShareFormat = keyof typeof SHARE_SIZES;

/** Pixels of each format (koshelf.md "Share images"). */
export const SHARE_SIZES = {
  story: { width: 1260, height: 2240 },
  square: { width: 1500, height: 1500 },
  banner: { width: 2400, height: 1260 },
};

/** Returns the picture of a year as an SVG document without fonts, links or styles. */
export function drawYear(recap: YearRecap, format: ShareFormat): string {
  const figures = figuresOf(recap);
  const { width, height } = SHARE_SIZES[format];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ${markOf(recap)}>`,
    `<title>${escapeMarkup(`A year of reading: ${figures.year}`)}</title>`,
    `<desc>${escapeMarkup(inWords(figures))}</desc>`,
    `<rect width="${width}" height="${height}" fill="${PAPER}"/>`,
    frame(width, height),
    ...LAYOUTS[format](figures, { books: recap.completions, seed: recap.year }),
    '</svg>\n',
  ].join('\n');
}

/** True when the beginning of an SVG (its first 400 characters) says that it shows these values in today's design. */
export const isDrawingOf = (svgStart: string, recap: YearRecap): boolean =>
  svgStart.includes(` ${markOf(recap)}`);

/** Raised with every change of the design, so that kept pictures are drawn again. */
const DESIGN = 1;

const markOf = (recap: YearRecap): string =>
  `data-recap="${escapeMarkup(`${DESIGN}:${fingerprintOf(recap)}`)}"`;

type Layout = (figures: Figures, shelf: { books: number; seed: number }) => string[];

const LAYOUTS: Record<ShareFormat, Layout> = {
  story: (figures, shelf) => [
    heading(figures.year, { x: 630, y: 272, size: 270 }),
    ornament({ x: 630, y: 598, reach: 210 }),
    booksFinished(figures, { x: 630, y: 1000, size: 460, maxWidth: 940 }),
    drawShelf({ x: 150, y: 1446, width: 960, height: 220, ...shelf }),
    readingDays(figures, { x: 150, y: 1586, width: 960, size: 54 }),
    remarks(figures, { x: 150, y: 1710, width: 960, size: 88 }),
    imprint({ x: 630, y: 2072, size: 34 }),
  ],
  square: (figures, shelf) => [
    heading(figures.year, { x: 430, y: 284, size: 256 }),
    hairline({ x: 750, y: 196, length: 360 }),
    booksFinished(figures, { x: 1080, y: 446, size: 330, maxWidth: 540 }),
    drawShelf({ x: 150, y: 862, width: 1200, height: 220, ...shelf }),
    readingDays(figures, { x: 150, y: 984, width: 1200, size: 50 }),
    remarks(figures, { x: 150, y: 1094, width: 1200, size: 84 }),
    imprint({ x: 750, y: 1384, size: 26 }),
  ],
  banner: (figures, shelf) => [
    heading(figures.year, { x: 560, y: 228, size: 254 }),
    ornament({ x: 560, y: 532, reach: 190 }),
    booksFinished(figures, { x: 560, y: 822, size: 330, maxWidth: 740 }),
    imprint({ x: 560, y: 1112, size: 30 }),
    hairline({ x: 1020, y: 190, length: 880 }),
    drawShelf({ x: 1120, y: 524, width: 1130, height: 316, ...shelf }),
    readingDays(figures, { x: 1120, y: 710, width: 1130, size: 58 }),
    remarks(figures, { x: 1120, y: 900, width: 1130, size: 100 }),
  ],
};

function inWords({
  completions,
  readTime,
  activeDays,
  activePercent,
  longestStreak,
  bestMonth,
}: Figures): string {
  const parts = [
    `${completions.value} ${completions.label}`,
    `${readTime} read`,
    `${activeDays.value} ${activeDays.label}, ${activePercent}% of the year`,
    `longest streak ${longestStreak.value} ${longestStreak.label}`,
    `best month ${bestMonth}`,
  ];
  return `${parts.join('; ')}.`;
}
