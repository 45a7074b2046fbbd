import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportedMark, ExportHead } from '../../../server/marks/export-document.ts';
import { pdfWriter } from '../../../server/marks/export-pdf.ts';

const head: ExportHead = {
  day: '2026-03-14',
  exportedAt: '2026-03-14T12:00:00.000Z',
  count: 1,
  groupBy: 'book',
  includeNotes: true,
  includeContext: false,
};
const aMark = (text: string, note: string | null = null): ExportedMark => ({
  kind: 'mark',
  annotationId: 'a',
  bookId: 'b',
  bookTitle: 'Sea',
  author: 'Ann',
  text,
  note,
  color: '#FFEB3B',
  chapter: null,
  chapterIndex: null,
  pageNumber: null,
  day: '2026-01-02',
  createdAt: '2026-01-02T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
  startPosition: null,
  endPosition: null,
});

/** A family that has letters ours has not, from a package of ours. */
const MATHS = 'Test maths';
beforeAll(() => {
  const file = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuMathTeXGyre.ttf');
  GlobalFonts.registerFromPath(file, MATHS);
});

type Word = { text: string; left: number; right: number; top: number };
/** What is printed, page by page from the top: with where each piece stands, in points. */
async function printed(marks: ExportedMark[], families: string[] = []) {
  const writer = pdfWriter(families);
  writer.look(marks);
  const lacksLetters = writer.lacksLetters();
  writer.begin(head);
  writer.blocks(marks);
  const pdf = await getDocument({ data: new Uint8Array(writer.end()) }).promise;
  const words: Word[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    for (const item of items) {
      if (!('str' in item) || item.str.trim() === '') continue;
      const [, , , , left = 0, bottom = 0] = item.transform as number[];
      words.push({
        text: item.str,
        left,
        right: left + item.width,
        top: (pdf.numPages - number) * 1000 + bottom,
      });
    }
  }
  return { lacksLetters, words, pages: pdf.numPages, text: words.map(({ text }) => text).join('\n') };
}

describe('a PDF of highlights', () => {
  it('takes a letter our own fonts lack from another family', async () => {
    const { text, lacksLetters } = await printed([aMark('The set \u{1d49c}', 'and \u{1d49c}')], [MATHS]);
    expect(text).toContain('\u{1d49c}');
    expect(text).not.toContain('\u25a1');
    expect(text).not.toContain('HTML');
    expect(lacksLetters).toBe(false);
  });

  it('says in its first line when letters are missing, and prints boxes for them', async () => {
    const { words, text, lacksLetters } = await printed([aMark('The set \u{1d49c}', '漢字')]);
    expect(lacksLetters).toBe(true);
    const first = words.toSorted((a, b) => b.top - a.top)[0];
    expect(first?.text).toBe(
      'Some letters could not be printed: no font on this computer has them. Export as HTML to see them all.',
    );
    expect(text).toContain('The set \u25a1');
    expect(text).toContain('\u25a1\u25a1');
  });

  it.each([
    'Grüße, Волна, Σημείωση',
    'ʻokina — “quoted” …',
    'Հայերեն ქართული',
    'שלום',
    'العربية',
    'e\u0301\u200d',
  ])('needs no other family for %s', async (words) => {
    expect((await printed([aMark(words, words)])).lacksLetters).toBe(false);
  });

  it('has Hebrew and Arabic from right to left, and what is not in its own direction', async () => {
    const hebrew = 'שלום one two עולם 52';
    const arabic = 'العربية: "كلمة" abc';
    const { words } = await printed([aMark(hebrew), aMark(arabic), aMark('abc')]);
    // The reader turns what stands on the page back by the rules it should have been printed by.
    const at = (text: string) => words.find((word) => word.text.normalize('NFKC') === text);
    const edge = 595.28 - 64 - 14;
    expect(at(hebrew)?.right).toBeCloseTo(edge, 0);
    expect(at(arabic)?.right).toBeCloseTo(edge, 0);
    expect(at('abc')?.left).toBeCloseTo(64 + 14, 0);
  });

  it('names the colour and goes on over pages without losing a line', async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `word${index}`).join(' ');
    const { text, pages } = await printed([aMark(long), aMark('last', 'of all')]);
    expect(pages).toBeGreaterThan(2);
    for (const word of ['word0', 'word1500', 'word2999', 'last', 'of all', '2026-01-02 · yellow'])
      expect(text).toContain(word);
  });
});
