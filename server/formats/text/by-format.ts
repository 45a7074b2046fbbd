// The text of a book by its format: EPUB, FictionBook, plain text, MOBI.
import { type BookSource, UnreadableFile } from '../book.ts';
import { unsureDecoder } from '../encoding.ts';
import { openPackage } from '../epub/read.ts';
import { openDocument } from '../fb2/read.ts';
import { readBytes } from '../file-bytes.ts';
import { createTextReader, type TextPart } from './of-markup.ts';
import { readMobiText } from '../mobi/text.ts';
import { attribute, childElements, scanXml } from '../markup/xml.ts';
import { openZip } from '../archive/zip.ts';

/** No book has more text than this; what comes after is left out. */
export const maxTextLength = 20_000_000;
const maxTextBytes = 64 * 1024 * 1024;
const maxDocumentBytes = 16 * 1024 * 1024;
const maxDocuments = 5_000;
const maxElements = 5_000_000;

/** A section or a body is a part. */
export async function* fb2Text(source: BookSource): AsyncGenerator<TextPart> {
  yield* await partsOf(await openDocument(source), (local) => local === 'section' || local === 'body');
}

/** One part. */
export async function* plainText(source: BookSource): AsyncGenerator<TextPart> {
  yield await Promise.resolve({
    text: decodeText(readBytes(source.fd, 0, Math.min(source.sizeBytes, maxTextBytes))),
  });
}

/** A new file of the book, or MOBI's own mark for a new page, begins a part. */
export async function* mobiText(source: BookSource): AsyncGenerator<TextPart> {
  yield* await partsOf([readMobiText(source)], (local) => local === 'html' || local === 'pagebreak');
}

/** A file of the spine, or what its headings divide it into, is a part; those that are damaged are left out. */
export async function* epubText(source: BookSource): AsyncGenerator<TextPart> {
  const zip = await openZip(source);
  const book = await openPackage(zip);
  const spine = book.spine === undefined ? [] : childElements(book.spine, 'itemref').slice(0, maxDocuments);
  let length = 0;
  for (const { attributes } of spine) {
    const item = book.itemById.get(attribute(attributes, 'idref')?.trim() ?? '');
    const entry = item === undefined ? undefined : book.entryOf(item.href);
    if (entry === undefined) continue;
    let parts: TextPart[];
    try {
      parts = await partsOf([await zip.read(entry, maxDocumentBytes)], () => false);
    } catch (error) {
      if (error instanceof UnreadableFile) continue;
      throw error;
    }
    for (const part of parts) {
      length += part.text.length;
      if (length > maxTextLength) return;
      yield part;
    }
  }
}

async function partsOf(
  document: Iterable<Uint8Array>,
  opens: (local: string) => boolean,
): Promise<TextPart[]> {
  const reader = createTextReader(opens, maxTextLength);
  await scanXml(document, reader, { maxElements });
  return reader.parts();
}

/** UTF-16 and UTF-8 where the bytes say so, else the likeliest encoding. The last character may be cut. */
function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return unsureDecoder().decode(bytes, { stream: true });
}
