// Highlights as Markdown and as plain text.
import { counted, linesOf, placeOf } from './export-document.ts';
import type { ExportHead, ExportedMark, Writer } from './export-document.ts';

/** Returns a writer of Markdown (CommonMark): quotations, notes below them, where each is. */
export function markdownWriter(): Writer {
  let head: ExportHead;
  const mark = (each: ExportedMark): string => {
    const quote = linesOf(each.text).map((line) => (line.trim() === '' ? '>' : `> ${escaped(line)}`));
    const note =
      each.note === null
        ? []
        : [
            '',
            ...linesOf(each.note).map(
              (line, index) => `${index === 0 ? '**Note:** ' : ''}${escaped(line)}  `,
            ),
          ];
    return [...quote, ...note, '', `*${placeOf(each, head).map(escaped).join(' · ')}*`, '', ''].join('\n');
  };
  return {
    begin(given) {
      head = given;
      return `# Annotations\n\n${counted(head.count)}, exported ${head.day}\n\n`;
    },
    blocks: (blocks) =>
      blocks
        .map((block) =>
          block.kind === 'mark'
            ? mark(block)
            : `${'#'.repeat(block.level + 1)} ${escaped(oneLine(block.title))}\n\n${
                block.author === undefined ? '' : `${escaped(oneLine(block.author))}\n\n`
              }`,
        )
        .join(''),
    end: () => '',
  };
}

/** Characters that Markdown reads as more than themselves, and those that do so where a line begins. */
const escaped = (line: string): string =>
  printable(line)
    .trim()
    .replace(/[\\`*_[\]<>|~&$#!]/g, '\\$&')
    .replace(/^([+=-])/, '\\$1')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2');

/** Returns a writer of plain text. */
export function textWriter(): Writer {
  let head: ExportHead;
  const mark = (each: ExportedMark): string =>
    [
      ...linesOf(each.text).map(printable),
      ...(each.note === null
        ? []
        : linesOf(each.note).map((line, index) => `${index === 0 ? '  Note: ' : '  '}${printable(line)}`)),
      `  (${placeOf(each, head).map(printable).join(', ')})`,
      '',
      '',
    ].join('\n');
  return {
    begin(given) {
      head = given;
      return `Annotations\n${counted(head.count)}, exported ${head.day}\n\n\n`;
    },
    blocks: (blocks) =>
      blocks
        .map((block) => {
          if (block.kind === 'mark') return mark(block);
          const title = oneLine(block.title);
          const author = block.author === undefined ? '' : `${oneLine(block.author)}\n`;
          return `${title}\n${author}${(block.level === 1 ? '=' : '-').repeat(Math.min(Array.from(title).length, 72))}\n\n`;
        })
        .join(''),
    end: () => '',
  };
}

const oneLine = (text: string): string => printable(linesOf(text).join(' '));

// Controls, and the marks that turn text around beyond their own line (UAX #9).
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Returns a line without characters that only steer. */
export const printable = (line: string): string => line.toWellFormed().replace(UNPRINTABLE, '');
