// Highlights as JSON and as CSV, for other programs.
import { stringify } from 'csv-stringify/sync';
import { colorNameOf } from './colors.ts';
import type { ExportHead, ExportedMark, Writer } from './export-document.ts';

/** Returns a writer of JSON: groups with their headings, and in each the highlights. */
export function jsonWriter(): Writer {
  let head: ExportHead;
  let titles: string[] = [];
  let isOpen = false;
  let hasGroups = false;
  const open = (): string => {
    const before = hasGroups ? ',' : '';
    isOpen = true;
    hasGroups = true;
    return `${before}{"headings":${JSON.stringify(titles)},"annotations":[`;
  };
  return {
    begin(given) {
      head = given;
      const { exportedAt, groupBy, count } = head;
      return `{"exported_at":${JSON.stringify(exportedAt)},"group_by":"${groupBy}","count":${count},"groups":[`;
    },
    blocks: (blocks) => {
      let text = '';
      for (const block of blocks) {
        if (block.kind === 'mark') {
          text += `${isOpen ? ',' : open()}${JSON.stringify(fieldsOf(block, head))}`;
          continue;
        }
        if (isOpen) text += ']}';
        isOpen = false;
        titles = [...titles.slice(0, block.level - 1), block.title];
      }
      return text;
    },
    end: () => `${isOpen ? ']}' : ''}]}\n`,
  };
}

const fieldsOf = (mark: ExportedMark, { includeNotes }: ExportHead) => ({
  annotation_id: mark.annotationId,
  book_id: mark.bookId,
  book_title: mark.bookTitle,
  author: mark.author,
  selected_text: mark.text,
  ...(includeNotes ? { note: mark.note } : {}),
  highlight_color: mark.color,
  chapter_title: mark.chapter,
  chapter_index: mark.chapterIndex,
  page_number: mark.pageNumber,
  start_position: mark.startPosition,
  end_position: mark.endPosition,
  created_at: mark.createdAt,
  updated_at: mark.updatedAt,
});

/** Readwise's columns under its own names, in its order, and what it passes over behind them. */
const COLUMNS = ['Highlight', 'Title', 'Author', 'URL', 'Note', 'Location', 'Date', 'Chapter', 'Color'];

/**
 * Returns a writer of CSV (RFC 4180) as Readwise imports it: moments in UTC, pages as locations. Spreadsheets read it as
 * text: nothing in it is taken for a formula. It begins with the first name and no mark before it, or that would be no name
 * Readwise knows.
 */
export function csvWriter(): Writer {
  const rows = (records: (string | number | null)[][]): string =>
    stringify(records, {
      record_delimiter: '\r\n',
      // By itself the library quotes cells with its own line end only.
      quoted_match: /[\r\n]/,
      escape_formulas: true,
    });
  return {
    begin: () => rows([COLUMNS]),
    blocks: (blocks) =>
      rows(
        blocks.flatMap((block) =>
          block.kind === 'heading'
            ? []
            : [
                [
                  block.text,
                  block.bookTitle,
                  block.author,
                  null,
                  block.note,
                  block.pageNumber,
                  block.createdAt.slice(0, 19).replace('T', ' '),
                  block.chapter,
                  colorNameOf(block.color),
                ],
              ],
        ),
      ),
    end: () => '',
  };
}
