import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { YearRecap } from '../../../../server/reading/share-images/figures.ts';
import { italic } from '../../../../server/reading/share-images/glyphs-italic.ts';
import { roman } from '../../../../server/reading/share-images/glyphs-roman.ts';
import { setLine, widthOf } from '../../../../server/reading/share-images/outline.ts';
import { drawShelf } from '../../../../server/reading/share-images/shelf.ts';
import { drawYear, isDrawingOf, SHARE_SIZES } from '../../../../server/reading/share-images/template.ts';
import type { ShareFormat } from '../../../../server/reading/share-images/template.ts';

const FORMATS = Object.keys(SHARE_SIZES) as ShareFormat[];
const PAPER = [0xf7, 0xf1, 0xe2];

const aRecap = (changes: Partial<YearRecap> = {}): YearRecap => ({
  year: 2025,
  completions: 42,
  readSec: 295 * 3600,
  activeDays: 213,
  daysInYear: 365,
  longestStreakDays: 34,
  bestMonth: 9,
  ...changes,
});
const largest = aRecap({
  year: 2028, completions: 9999, readSec: (999 * 24 + 23) * 3600, activeDays: 366, daysInYear: 366, longestStreakDays: 366,
}); // prettier-ignore
const smallest = aRecap({
  completions: 0, readSec: 0, activeDays: 0, longestStreakDays: 0, bestMonth: undefined,
}); // prettier-ignore

const textsIn = (svg: string): string[] =>
  [...svg.matchAll(/aria-label="([^"]*)"/g)].map(([, text]) => text ?? '');

/** How many pixels of a part of the picture are not paper. */
async function inkIn(svg: string, part: { left: number; top: number; width: number; height: number }) {
  const pixels = await sharp(Buffer.from(svg)).extract(part).removeAlpha().raw().toBuffer();
  let ink = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if (PAPER.some((value, channel) => Math.abs((pixels[at + channel] ?? 0) - value) > 8)) ink++;
  }
  return ink;
}

describe('the picture of a year', () => {
  it.each(FORMATS)('shows all seven values as %s', (format) => {
    expect(textsIn(drawYear(aRecap(), format)).toSorted()).toEqual([
      '12d 7h', '2025', '213 days with a book', '34 days', '42', '58% of the year', 'A YEAR OF READING', 'PAPYRUS SHELF',
      'September', 'best month', 'books finished', 'longest streak', 'time read',
    ]); // prettier-ignore
  });

  it.each(FORMATS)('tells them to those who cannot see it as %s', (format) => {
    const svg = drawYear(aRecap(), format);
    expect(svg).toContain('<title>A year of reading: 2025</title>');
    expect(svg).toContain(
      '<desc>42 books finished; 12d 7h read; 213 days with a book, 58% of the year; longest streak 34 days; best month September.</desc>',
    );
  });

  it.each(FORMATS)('needs no font, no style and nothing from elsewhere as %s', (format) => {
    const svg = drawYear(aRecap(), format);
    expect(svg).not.toMatch(/<text|<style|style=|font|href|url\(|<image|<script|<!/);
    // The one address in it is the name of the SVG namespace.
    expect(svg.match(/https?:/g)).toEqual(['http:']);
  });

  it.each(FORMATS)('has the size of a %s and an XML that a strict reader takes', async (format) => {
    const { format: kind, width, height } = await sharp(Buffer.from(drawYear(largest, format))).metadata();
    expect({ kind, width, height }).toEqual({ kind: 'svg', ...SHARE_SIZES[format] });
  });

  it('leaves ink for every line of text', async () => {
    const svg = drawYear(aRecap(), 'square');
    const lines = svg.match(/<g fill="[^"]*" aria-label=.*?<\/g><\/g>/g) ?? [];
    expect(lines).toHaveLength(13);
    for (const line of lines) {
      const alone = `<svg xmlns="http://www.w3.org/2000/svg" width="1500" height="1500"><rect width="1500" height="1500" fill="#f7f1e2"/>${line}</svg>`;
      const ink = await inkIn(alone, { left: 0, top: 0, width: 1500, height: 1500 });
      expect(ink, textsIn(line).join()).toBeGreaterThan(400);
    }
  });

  it.each(FORMATS)('keeps the largest values within the frame of a %s', async (format) => {
    const { width, height } = SHARE_SIZES[format];
    const svg = drawYear(largest, format);
    // Between the frame and the text nothing is drawn; the corners are the frame's own.
    const strip = { top: 130, height: height - 260, width: 30 };
    expect(await inkIn(svg, { left: 80, ...strip })).toBe(0);
    expect(await inkIn(svg, { left: width - 110, ...strip })).toBe(0);
  });

  it('draws the empty year with an empty shelf', async () => {
    const svg = drawYear(smallest, 'story');
    expect(textsIn(svg)).toContain('–');
    expect(await inkIn(svg, { left: 150, top: 1226, width: 960, height: 210 })).toBe(0);
    expect(
      await inkIn(drawYear(aRecap(), 'story'), { left: 150, top: 1226, width: 960, height: 210 }),
    ).toBeGreaterThan(100_000);
  });

  it('fills the rule below the days as far as the year was read', async () => {
    const rule = { left: 150, top: 1610, width: 960, height: 20 };
    const inks = await Promise.all(
      [0, 73, 365].map((activeDays) => inkIn(drawYear(aRecap({ activeDays }), 'story'), rule)),
    );
    const [none = 0, fifth = 0, full = 0] = inks;
    expect(full - none).toBe(960 * 6);
    expect((fifth - none) / (full - none)).toBeCloseTo(0.2, 2);
  });

  it('is the same picture every time', () => {
    expect(drawYear(aRecap(), 'banner')).toBe(drawYear(aRecap(), 'banner'));
  });

  it('says in its first characters what it shows', () => {
    const start = drawYear(aRecap(), 'story').slice(0, 400);
    expect(isDrawingOf(start, aRecap())).toBe(true);
    expect(isDrawingOf(start, aRecap({ completions: 4 }))).toBe(false);
    expect(isDrawingOf(start, aRecap({ year: 202 }))).toBe(false);
    expect(isDrawingOf('', aRecap())).toBe(false);
  });
});

describe('the shelf', () => {
  const spines = (books: number, width = 960) =>
    drawShelf({ x: 150, y: 1000, width, height: 200, books, seed: 2025 }).match(/ rx="/g)?.length ?? 0;

  it('has one spine for every book, as many as fit', () => {
    expect([0, 1, 2, 3, 42, 70].map((books) => spines(books))).toEqual([0, 1, 2, 3, 42, 70]);
    expect(spines(9999)).toBe(77);
    expect(spines(Number.POSITIVE_INFINITY)).toBe(77);
    expect(spines(Number.NaN)).toBe(0);
    expect(spines(-1)).toBe(0);
  });

  it('keeps all books on the board', () => {
    for (const books of [1, 2, 3, 10, 25, 30, 77]) {
      const svg = drawShelf({ x: 150, y: 1000, width: 960, height: 200, books, seed: books });
      const places = [
        ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]* rx/g),
      ];
      expect(places).toHaveLength(books);
      for (const [, x, y, width, height] of places) {
        expect(Number(x)).toBeGreaterThanOrEqual(150);
        expect(Number(x) + Number(width)).toBeLessThanOrEqual(1110);
        expect(Number(y) + Number(height)).toBeCloseTo(1000, 0);
        expect(Number(height)).toBeLessThanOrEqual(200);
      }
    }
  });

  it('lets the last book lean where there is room', () => {
    const leaning = (books: number) =>
      drawShelf({ x: 150, y: 1000, width: 960, height: 200, books, seed: 1 }).match(/rotate\(-9 /g)?.length ??
      0;
    expect([2, 3, 12, 77].map(leaning)).toEqual([0, 1, 1, 0]);
  });

  it('looks different from year to year', () => {
    const shelf = { x: 0, y: 0, width: 960, height: 200, books: 12 };
    expect(drawShelf({ ...shelf, seed: 2024 })).not.toBe(drawShelf({ ...shelf, seed: 2025 }));
  });
});

describe('a line of text', () => {
  const line = { x: 100, y: 50, anchor: 'start', fill: '#000', maxWidth: 1000 } as const;

  it('has every letter, figure and mark in both cuts', () => {
    const wanted = Array.from(
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 %,.-–&',
    ).toSorted();
    expect(Object.keys(roman.glyphs).toSorted()).toEqual(wanted);
    expect(Object.keys(italic.glyphs).toSorted()).toEqual(wanted);
    for (const cut of [roman, italic]) {
      const blank = Object.entries(cut.glyphs).filter(
        ([, [width, outline]]) => !(width > 0) || outline === '',
      );
      expect(blank.map(([char]) => char)).toEqual([' ']);
    }
  });

  it('is as wide as its letters, closer where the typeface says so', () => {
    const width = (text: string) => widthOf([{ text, cut: 'roman', size: 1000 }]);
    expect(width('1')).toBe(roman.glyphs['1']?.[0]);
    expect(width('y.')).toBe(width('y') + width('.') + (roman.kerns['y']?.['.'] ?? 0));
    expect(roman.kerns['y']?.['.']).toBeLessThan(0);
    expect(widthOf([{ text: 'AB', cut: 'roman', size: 100, tracking: 0.2 }])).toBeCloseTo(
      width('AB') / 10 + 20,
      6,
    );
  });

  it('is set smaller when it would be too long', () => {
    const pieces = [{ text: '9,999', cut: 'roman' as const, size: 400 }];
    const natural = widthOf(pieces);
    expect(setLine({ ...line, pieces })).toContain('scale(0.4)');
    expect(setLine({ ...line, pieces, maxWidth: natural / 2 })).toContain('translate(100 50) scale(0.2)');
    expect(setLine({ ...line, pieces, maxWidth: natural / 2, anchor: 'end', x: 1000 })).toContain(
      `translate(${Number((1000 - natural / 2).toFixed(1))} 50) scale(0.2)`,
    );
  });

  it('refuses a character it cannot draw', () => {
    expect(() => setLine({ ...line, pieces: [{ text: '愛', cut: 'roman', size: 10 }] })).toThrow(
      'no outline for "愛"',
    );
  });

  it('escapes what would end an attribute', () => {
    expect(setLine({ ...line, pieces: [{ text: 'A & B', cut: 'roman', size: 10 }] })).toContain(
      'aria-label="A &amp; B"',
    );
  });
});
