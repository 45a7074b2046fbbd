// Highlights as a file a person can keep: in seven formats, made while it is sent.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { notFound } from '../base/errors.ts';
import { readingDays } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook } from '../library/books.queries.ts';
import { selectAnnotationsById, selectMarkedBooks } from './annotations.queries.ts';
import type { MarkedBook } from './annotations.queries.ts';
import { HIGHLIGHT_COLOR, wantedColors } from './colors.ts';
import { drawPdf } from './draw-pdf.ts';
import { ankiWriter } from './export-anki.ts';
import { csvWriter, jsonWriter } from './export-data.ts';
import { exportedMark, LETTERS_MISSING } from './export-document.ts';
import type { Block, ExportFormat, ExportGroup, ExportHead, Writer } from './export-document.ts';
import { htmlWriter } from './export-html.ts';
import { planExport } from './export-plan.ts';
import type { Section } from './export-plan.ts';
import { markdownWriter, textWriter } from './export-text.ts';

export type { ExportFormat, ExportGroup } from './export-document.ts';

export type ExportRequest = {
  format: ExportFormat;
  /** Only these books; none are all. */
  bookIds?: readonly string[];
  /** Only these colours, as hex or by name; none are all. */
  colors?: readonly string[];
  includeNotes: boolean;
  /** Also how far in the book. */
  includeContext: boolean;
  groupBy: ExportGroup;
};

export type ExportedFile = {
  name: string;
  contentType: string;
  /** A sentence about what is not in it, for the person. */
  notice?: string;
  /** The file piece by piece; bytes for PDF, whole characters for all others. Whoever does not read to the end returns. */
  pieces: AsyncIterable<string | Uint8Array> & { return(): Promise<unknown> };
};

const FORMATS: Record<ExportFormat, { contentType: string; ending: string; writer?: () => Writer }> = {
  markdown: { contentType: 'text/markdown; charset=utf-8', ending: 'md', writer: markdownWriter },
  pdf: { contentType: 'application/pdf', ending: 'pdf' },
  txt: { contentType: 'text/plain; charset=utf-8', ending: 'txt', writer: textWriter },
  json: { contentType: 'application/json; charset=utf-8', ending: 'json', writer: jsonWriter },
  html: { contentType: 'text/html; charset=utf-8', ending: 'html', writer: htmlWriter },
  csv: { contentType: 'text/csv; charset=utf-8', ending: 'csv', writer: csvWriter },
  anki: { contentType: 'text/plain; charset=utf-8', ending: 'txt', writer: ankiWriter },
};

/** Highlights read and written before other requests get their turn. */
const SLICE = 100;

export type MarkExport = ReturnType<typeof createMarkExport>;

/** Returns the verbs of the export; `zone` is the one days are counted in, `pdfFamilies` where letters for PDF are looked for. */
export function createMarkExport({
  catalogue,
  clock,
  zone,
  pdfFamilies,
}: {
  catalogue: Catalogue;
  clock: Clock;
  zone: () => string;
  pdfFamilies?: readonly string[] | undefined;
}) {
  async function make(ownerId: string, asked: ExportRequest, title: string): Promise<ExportedFile> {
    const dayOf = readingDays(zone(), 0);
    const bookIds = asked.bookIds?.length === 0 ? undefined : asked.bookIds;
    const colors = asked.colors?.length ? wantedColors(asked.colors, HIGHLIGHT_COLOR) : undefined;
    const books = catalogue.read((db) => selectMarkedBooks(db, ownerId, bookIds));
    const sections = await planExport(catalogue, books, { groupBy: asked.groupBy, colors, dayOf });
    const now = clock.now();
    const { includeNotes, includeContext, groupBy } = asked;
    const head: ExportHead = {
      day: dayOf(Math.floor(now.getTime() / 1000)),
      exportedAt: now.toISOString(),
      count: sections.reduce((sum, { annotationIds }) => sum + annotationIds.length, 0),
      groupBy,
      includeNotes,
      includeContext,
    };
    const { contentType, ending, writer } = FORMATS[asked.format];
    const slices = () => blocksOf(sections, books, { includeNotes, dayOf });
    const pdf = writer === undefined ? drawPdf(head, slices, pdfFamilies) : undefined;
    const pieces = await begun(pdf?.pieces ?? written(writer!(), head, slices()));
    return {
      ...(pdf?.lacksLetters() === true ? { notice: LETTERS_MISSING } : {}),
      name: `${title === '' ? `Annotations ${head.day}` : `${safeName(title)} - annotations`}.${ending}`,
      contentType,
      pieces,
    };
  }

  async function* blocksOf(
    sections: readonly Section[],
    books: readonly MarkedBook[],
    how: { includeNotes: boolean; dayOf: (sec: number) => string },
  ): AsyncGenerator<Block[]> {
    const authors = new Map(books.map(({ bookId, authors }) => [bookId, authors.join(', ')]));
    let blocks: Block[] = [];
    for (const { headings, annotationIds } of sections) {
      blocks.push(...headings);
      for (let start = 0; start < annotationIds.length; start += SLICE) {
        const ids = annotationIds.slice(start, start + SLICE);
        for (const mark of catalogue.read((db) => selectAnnotationsById(db, ids)))
          blocks.push(exportedMark(mark, authors.get(mark.bookId) ?? '', how));
        if (blocks.length < SLICE) continue;
        yield blocks;
        blocks = [];
        await setImmediate();
      }
    }
    if (blocks.length > 0) yield blocks;
  }

  return {
    /** Returns the owner's highlights as a file. Throws unavailable when too many PDFs are drawn already. */
    all: (ownerId: string, asked: ExportRequest): Promise<ExportedFile> => make(ownerId, asked, ''),

    /** Returns the highlights of one book as a file named after it. Throws not_found for an unknown book, unavailable. */
    ofBook(
      ownerId: string,
      bookId: string,
      asked: Omit<ExportRequest, 'bookIds' | 'groupBy'>,
    ): Promise<ExportedFile> {
      const book = catalogue.read((db) => selectBook(db, ownerId, bookId));
      if (book === undefined) throw notFound('book', bookId);
      return make(ownerId, { ...asked, bookIds: [bookId], groupBy: 'book' }, book.title);
    },
  };
}

async function* written(
  writer: Writer,
  head: ExportHead,
  slices: AsyncIterable<Block[]>,
): AsyncGenerator<string> {
  yield writer.begin(head);
  for await (const blocks of slices) yield writer.blocks(blocks);
  yield writer.end();
}

/** Makes the first piece before anything is sent, so that what cannot be begun is refused in words. */
async function begun(pieces: AsyncGenerator<string | Uint8Array>): Promise<ExportedFile['pieces']> {
  const first = await pieces.next();
  let isFirst = true;
  const rest = {
    next: () => {
      if (!isFirst) return pieces.next();
      isFirst = false;
      return Promise.resolve(first);
    },
    return: () => pieces.return(undefined),
  };
  return { ...rest, [Symbol.asyncIterator]: () => rest };
}

/** A title as a part of a file's name on any system: without the characters Windows refuses, and not too long. */
function safeName(title: string): string {
  const name = title
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+/, '');
  return Array.from(name).slice(0, 80).join('').trim() || 'Book';
}
