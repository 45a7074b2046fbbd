// The text of a whole book, part by part, for searching in it.
import { type BookSource, UnreadableFile } from '../book.ts';
import { readersOf } from '../formats.ts';
import { sniff } from '../sniff.ts';
import type { TextPart } from './of-markup.ts';

/**
 * The parts of a book's text in reading order. Throws UnreadableFile: empty, unsupported for formats without text, and
 * what the format's reader throws. Parts that are damaged are left out.
 */
export async function* readText(source: BookSource): AsyncGenerator<TextPart> {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'The file is empty.');
  const format = await sniff(source);
  const text = format === undefined ? undefined : readersOf(format).text;
  if (text === undefined)
    throw new UnreadableFile('unsupported', 'The text of this file cannot be read here.');
  yield* text(source);
}
