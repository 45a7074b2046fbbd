// Draws highlights as PDF, in fonts that have Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters.
import { fileURLToPath } from 'node:url';
import Pdf from 'pdfkit';
import { counted, linesOf, placeOf } from './export-document.ts';
import type { Block, ExportedMark, ExportHead, Heading } from './export-document.ts';
import { printable } from './export-text.ts';

const FONTS = { plain: 'DejaVuSans', bold: 'DejaVuSans-Bold', slanted: 'DejaVuSans-Oblique' } as const;
type FontName = keyof typeof FONTS;

const MARGIN = 64;
const INDENT = 14;
const BAR = 3;
const INK = '#25211c';
const SOFT = '#6b6257';
/** What is printed for a letter that no font of ours has. */
const BOX = '\u25a1';

/** What pdfkit keeps of an embedded font; its own types leave it out. */
type Embedded = { font: { hasGlyphForCodePoint(codePoint: number): boolean } };

export type PdfWriter = {
  begin(head: ExportHead): void;
  blocks(blocks: readonly Block[]): void;
  end(): void;
};

/** Returns a writer that gives the bytes of a PDF to `onBytes` as they are made. */
export function pdfWriter(onBytes: (bytes: Uint8Array) => void): PdfWriter {
  const document = new Pdf({
    size: 'A4',
    margin: MARGIN,
    // A font that is opened here is not found again under the name it gets below, and opened anew each time.
    font: '',
    info: { Title: 'Annotations', Creator: 'Papyrus Shelf' },
    autoFirstPage: false,
  });
  document.on('data', onBytes);
  const glyphs = {} as Record<FontName, (codePoint: number) => boolean>;
  for (const name of Object.keys(FONTS) as FontName[]) {
    document.registerFont(name, fontFile(name));
    document.font(name);
    const { font } = Reflect.get(document, '_font') as Embedded;
    glyphs[name] = (codePoint) => font.hasGlyphForCodePoint(codePoint);
  }
  const width = () => document.page.width - 2 * MARGIN;
  const bottom = () => document.page.height - MARGIN;
  let head: ExportHead;
  let pages = 0;
  let isBelowHeading = false;
  /** Set while a quotation runs over pages: its colour goes down all of them. */
  let bar: string | undefined;

  document.on('pageAdded', () => {
    pages += 1;
    if (bar !== undefined) drawBar(MARGIN, bottom());
    drawPageNumber();
  });

  function drawBar(from: number, to: number): void {
    document
      .save()
      .rect(MARGIN, from, BAR, to - from)
      .fill(bar)
      .restore();
  }

  function drawPageNumber(): void {
    const { x, y } = document;
    const { bottom: kept } = document.page.margins;
    // Below the margin a text begins a new page, unless there is no margin.
    document.page.margins.bottom = 0;
    const place = { width: width(), align: 'center', lineBreak: false } as const;
    document.save().font('plain').fontSize(8).fillColor(SOFT);
    document.text(String(pages), MARGIN, document.page.height - MARGIN / 2, place).restore();
    document.page.margins.bottom = kept;
    document.x = x;
    document.y = y;
  }

  function write(text: string, font: FontName, size: number, color: string, left = 0): void {
    style(font, size).fillColor(color);
    // A page that begins within the text draws its number in other letters.
    const restyle = () => style(font, size).fillColor(color);
    document.on('pageAdded', restyle);
    document.text(text, MARGIN + left, document.y, { width: width() - left });
    document.removeListener('pageAdded', restyle);
  }

  const style = (font: FontName, size: number) => document.font(font).fontSize(size);

  const heightOf = (text: string, font: FontName, size: number, left = 0): number =>
    style(font, size).heightOfString(text, { width: width() - left });

  const drawable = (text: string, font: FontName): string =>
    linesOf(text)
      .map((line) =>
        Array.from(printable(line).normalize('NFC').replaceAll('\t', ' '), (letter) =>
          glyphs[font](letter.codePointAt(0) ?? 0) ? letter : /\p{Mark}|\p{Cf}/u.test(letter) ? '' : BOX,
        ).join(''),
      )
      .join('\n');

  function drawHeading({ level, title, author }: Heading): void {
    const size = level === 1 ? 15 : 12;
    const shown = drawable(title, 'bold');
    const by = author === undefined ? '' : drawable(author, 'plain');
    // A heading never stands alone at the foot of a page: what follows begins below it.
    const needed = 90 + heightOf(shown, 'bold', size);
    if (document.y + needed > bottom()) document.addPage();
    else document.y += level === 1 ? 16 : 8;
    write(shown, 'bold', size, INK);
    if (by !== '') write(by, 'plain', 9, SOFT);
    document.y += 8;
    isBelowHeading = true;
  }

  function drawMark(mark: ExportedMark): void {
    const parts: [text: string, font: FontName, size: number, color: string][] = [
      [drawable(mark.text, 'plain'), 'plain', 10.5, INK],
      ...(mark.note === null
        ? []
        : [[drawable(mark.note, 'slanted'), 'slanted', 10, INK] as [string, FontName, number, string]]),
      [drawable(placeOf(mark, head).join(' · '), 'plain'), 'plain', 8, SOFT],
    ];
    const [quote] = parts;
    const heights = parts.map(([text, font, size]) => heightOf(text, font, size, INDENT));
    const height = heights.reduce((sum, each) => sum + each + 3, 0);
    const page = bottom() - MARGIN;
    if (!isBelowHeading && height <= page && document.y + height > bottom()) document.addPage();
    isBelowHeading = false;
    const top = document.y;
    const quoteEnd = top + heights[0]!;
    bar = mark.color;
    drawBar(top, Math.min(quoteEnd, bottom()));
    const pagesBefore = pages;
    write(...quote!, INDENT);
    if (pages > pagesBefore) {
      // The colour went down the whole of the last page before it was known where the text ends.
      document
        .save()
        .rect(MARGIN, document.y, BAR, bottom() - document.y)
        .fill('#ffffff')
        .restore();
    }
    bar = undefined;
    for (const part of parts.slice(1)) {
      document.y += 3;
      write(...part, INDENT);
    }
    document.y += 12;
  }

  return {
    begin(given) {
      head = given;
      document.addPage();
      write('Annotations', 'bold', 20, INK);
      write(`${counted(head.count)}, exported ${head.day}`, 'plain', 9, SOFT);
      document.y += 6;
    },
    blocks(blocks) {
      for (const block of blocks) {
        if (block.kind === 'heading') drawHeading(block);
        else drawMark(block);
      }
    },
    end: () => document.end(),
  };
}

const fontFile = (name: FontName): string =>
  fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${FONTS[name]}.ttf`));
