// Highlights as notes Anki imports from a text file (Anki manual, "Text Files").
import { colorNameOf } from './colors.ts';
import { linesOf, placeOf } from './export-document.ts';
import type { ExportHead, ExportedMark, Writer } from './export-document.ts';
import { printable } from './export-text.ts';
import { escapeMarkup } from '../base/escape.ts';

const HEADER = [
  '#separator:tab',
  '#html:true',
  // A highlight that is imported again takes the place of its note.
  '#guid column:1',
  '#tags column:4',
  '#columns:GUID\tFront\tBack\tTags',
];

/** Returns a writer of Anki's text: the highlight in front, behind it the note, the book and the place. */
export function ankiWriter(): Writer {
  let head: ExportHead;
  const row = (mark: ExportedMark): string => {
    const source = [mark.bookTitle, ...(mark.author === '' ? [] : [mark.author])].join(', ');
    const back = [
      ...(mark.note === null || mark.note.trim() === '' ? [] : [field(mark.note)]),
      `<i>${field(source)}</i>`,
      `<small>${placeOf(mark, head).map(field).join(' · ')}</small>`,
    ].join('<br>');
    return `${[mark.annotationId, field(mark.text), back, tagsOf(mark)].join('\t')}\n`;
  };
  return {
    begin(given) {
      head = given;
      return `${HEADER.join('\n')}\n`;
    },
    blocks: (blocks) => blocks.map((block) => (block.kind === 'heading' ? '' : row(block))).join(''),
    end: () => '',
  };
}

/** Text as Anki shows it: no markup of its own, nothing that ends the field. */
const field = (text: string): string =>
  linesOf(text)
    .map((line) => escapeMarkup(printable(line).replaceAll('\t', ' ')))
    .join('<br>');

/** Tags have no blanks; two colons would make one a part of another. */
const tagsOf = (mark: ExportedMark): string =>
  [`book::${tag(mark.bookTitle)}`, `color::${tag(colorNameOf(mark.color))}`].join(' ');
const tag = (words: string): string =>
  printable(words)
    .trim()
    .replace(/[\s"]+/g, '_')
    .replace(/:{2,}/g, ':');
