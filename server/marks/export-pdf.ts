// Draws highlights as PDF: every script the fonts of this computer have, in the order it is read in.
import { PDFDocument } from '@napi-rs/canvas';
import type { CanvasRenderingContext2D } from '@napi-rs/canvas';
import { counted, LETTERS_MISSING, linesOf, placeOf } from './export-document.ts';
import type { Block, ExportedMark, ExportHead, Heading } from './export-document.ts';
import { printable } from './export-text.ts';
import { openFonts } from './pdf-fonts.ts';
import { linesWithin, runsLeft } from './pdf-lines.ts';
import { createBoundedMap } from '../base/bounded-map.ts';

/** A4, in points. */
const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = 64;
const WIDTH = PAGE.width - 2 * MARGIN;
const BOTTOM = PAGE.height - MARGIN;
const INDENT = 14;
const BAR = 3;
const INK = '#25211c';
const SOFT = '#6b6257';
/** From one line to the next, in sizes of the letters: Thai and Devanagari reach high. */
const LEADING = 1.4;
const KEPT_WIDTHS = 50_000;

type Style = 'normal' | 'bold' | 'italic';
type Part = { text: string; style: Style; size: number; color: string; indent: number };
/** A part as it stands on the page: lines, each with the side it begins at. */
type SetPart = Part & { lines: { text: string; isLeftward: boolean }[]; height: number };

export type PdfWriter = {
  /** Notes the letters of blocks that are to come. */
  look(blocks: readonly Block[]): void;
  /** Whether letters that were looked at cannot be printed. */
  lacksLetters(): boolean;
  begin(head: ExportHead): void;
  blocks(blocks: readonly Block[]): void;
  /** Ends the document and returns its bytes. */
  end(): Uint8Array;
};

/** Returns a writer of one PDF; `families` are those looked into for letters our own fonts lack, all unless given. */
export function pdfWriter(families?: readonly string[]): PdfWriter {
  const document = new PDFDocument({ title: 'Annotations', creator: 'Papyrus Shelf' });
  const fonts = openFonts(families);
  const widths = createBoundedMap<string, number>(KEPT_WIDTHS);
  let head: ExportHead;
  let page: CanvasRenderingContext2D;
  let current = '';
  let pages = 0;
  let y = 0;
  let isLacking = false;
  let isBelowHeading = false;

  function addPage(): void {
    if (pages > 0) document.endPage();
    page = document.beginPage(PAGE.width, PAGE.height);
    pages += 1;
    page.textBaseline = 'alphabetic';
    current = '';
    use(fonts.named('normal', 8));
    page.fillStyle = SOFT;
    page.direction = 'ltr';
    page.textAlign = 'center';
    page.fillText(String(pages), PAGE.width / 2, PAGE.height - MARGIN / 2);
    y = MARGIN;
  }

  /** Reading a font's name takes longer than drawing a line in it. */
  function use(font: string): void {
    if (font !== current) page.font = font;
    current = font;
  }

  function widthOf(text: string, font: string): number {
    const key = `${font}\n${text}`;
    const before = widths.get(key);
    if (before !== undefined) return before;
    use(font);
    const { width } = page.measureText(text);
    widths.set(key, width);
    return width;
  }

  function set(part: Part): SetPart {
    const shown = fonts.printed(part.text);
    const font = fonts.named(part.style, part.size);
    const lines = shown.split('\n').flatMap((paragraph) => {
      const isLeftward = runsLeft(paragraph);
      return linesWithin(paragraph, WIDTH - part.indent * 2, (text) => widthOf(text, font)).map((text) => ({
        text,
        isLeftward,
      }));
    });
    return { ...part, lines, height: lines.length * part.size * LEADING };
  }

  function draw({ lines, style, size, color, indent }: SetPart, bar?: string): void {
    const font = fonts.named(style, size);
    // What begins at the right has its colour there.
    const barAt = lines[0]?.isLeftward === true ? MARGIN + WIDTH - BAR : MARGIN;
    for (const { text, isLeftward } of lines) {
      if (y + size * LEADING > BOTTOM) addPage();
      if (bar !== undefined) {
        page.fillStyle = bar;
        page.fillRect(barAt, y, BAR, size * LEADING);
      }
      use(font);
      page.fillStyle = color;
      page.direction = isLeftward ? 'rtl' : 'ltr';
      page.textAlign = isLeftward ? 'right' : 'left';
      page.fillText(text, isLeftward ? MARGIN + WIDTH - indent : MARGIN + indent, y + size * 1.05);
      y += size * LEADING;
    }
  }

  const write = (text: string, style: Style, size: number, color: string): void =>
    draw(set({ text, style, size, color, indent: 0 }));

  function drawHeading({ level, title, author }: Heading): void {
    const size = level === 1 ? 15 : 12;
    const shown = set({ text: drawable(title), style: 'bold', size, color: INK, indent: 0 });
    // A heading never stands alone at the foot of a page: what follows begins below it.
    if (y + 90 + shown.height > BOTTOM) addPage();
    else y += level === 1 ? 16 : 8;
    draw(shown);
    if (author !== undefined) write(drawable(author), 'normal', 9, SOFT);
    y += 8;
    isBelowHeading = true;
  }

  function drawMark(mark: ExportedMark): void {
    const quote = set({ text: drawable(mark.text), style: 'normal', size: 10.5, color: INK, indent: INDENT });
    const note =
      mark.note === null
        ? []
        : [set({ text: drawable(mark.note), style: 'italic', size: 10, color: INK, indent: INDENT })];
    const place = drawable(placeOf(mark, head).join(' · '));
    const below = [...note, set({ text: place, style: 'normal', size: 8, color: SOFT, indent: INDENT })];
    const height = [quote, ...below].reduce((sum, part) => sum + part.height + 3, 0);
    const isWhole = height <= BOTTOM - MARGIN;
    if (!isBelowHeading && isWhole && y + height > BOTTOM) addPage();
    isBelowHeading = false;
    draw(quote, mark.color);
    for (const part of below) {
      y += 3;
      draw(part);
    }
    y += 12;
  }

  return {
    look(blocks) {
      isLacking ||= !blocks.every((block) => textsOf(block).every((text) => fonts.canPrint(drawable(text))));
    },
    lacksLetters: () => isLacking,
    begin(given) {
      head = given;
      addPage();
      if (isLacking) {
        write(LETTERS_MISSING, 'normal', 9, INK);
        y += 10;
      }
      write('Annotations', 'bold', 20, INK);
      write(`${counted(head.count)}, exported ${head.day}`, 'normal', 9, SOFT);
      y += 6;
    },
    blocks(blocks) {
      for (const block of blocks) {
        if (block.kind === 'heading') drawHeading(block);
        else drawMark(block);
      }
    },
    end() {
      document.endPage();
      return document.close();
    },
  };
}

const drawable = (text: string): string =>
  linesOf(text)
    .map((line) => printable(line).replaceAll('\t', ' '))
    .join('\n');

/** Every text of a block that a person wrote or read. */
const textsOf = (block: Block): string[] =>
  block.kind === 'heading'
    ? [block.title, block.author ?? '']
    : [block.text, block.note ?? '', block.chapter ?? ''];
