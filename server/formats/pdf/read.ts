// Reads PDF files: what they say about the book, their outline, and their first page as the cover.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PDFDocumentProxy } from 'pdfjs-dist';
import { UnreadableFile, type BookReading, type BookSource, type Chapter } from '../book.ts';
import { readBytes } from '../file-bytes.ts';
import { pdfMetadata, type PdfInfo } from './metadata.ts';
import { unmarkedUtf8 } from './text.ts';
import { readXmp } from './xmp.ts';
import { cleanText } from '../text.ts';
import { limitWork, type TimeLimit } from './time-limit.ts';

/**
 * What a PDF says about itself, its pages, its outline, and its first page as a JPEG of 600 pixels on the long side.
 * Nothing in the file is executed and nothing outside is fetched. Throws UnreadableFile: encrypted when a password is
 * needed to read, too_large when too much of the file would have to be read, else corrupt.
 */
export const readPdf = async (source: BookSource): Promise<BookReading> => {
  if (source.sizeBytes === 0) throw new UnreadableFile('empty', 'This file is empty.');
  const document = await openPdf(source);
  try {
    return await Promise.race([readOpened(document.pdf, source.name), document.failing]);
  } catch (error) {
    throw unreadable(error);
  } finally {
    await document.close();
  }
};

/** Of work; what a page takes is drawn at least to one of the pages that are tried. */
const chaptersWorkMs = 2500;
const coverWorkMs = 3000;
/** Pages drawn until one has more on it than white. */
const maxCoverPages = 3;

const rangeBytes = 256 * 1024;
// What reading metadata, outline and first page takes even of a damaged file whose objects have to be searched.
const maxBytesRead = 256 * 1024 * 1024;

const maxChapters = 5000;
const coverSide = 600;
// A page of A3 scanned at 600 dpi has 70 million pixels.
const maxImagePixels = 80e6;

type OpenPdf = {
  pdf: PDFDocumentProxy;
  /** Rejects when reading the file itself fails; the library would wait for the bytes for ever. */
  failing: Promise<never>;
  close(): Promise<void>;
};

/** Opens the document by its ranges: a PDF of a gigabyte costs what its tables and first page cost. */
const openPdf = async ({ fd, sizeBytes }: BookSource): Promise<OpenPdf> => {
  // Loaded on first use: the library takes tens of megabytes, and many a library holds no PDF. It is the package's
  // build for Node, which finds its own worker and canvas.
  const { getDocument, PDFDataRangeTransport } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let bytesRead = 0;
  // The caller closes the file after us, and its number may soon be another file's.
  let isClosed = false;
  class FileRanges extends PDFDataRangeTransport {
    override requestDataRange(begin: number, end: number): void {
      // Not at once: the library asks before it is ready for the answer.
      setImmediate(() => {
        if (isClosed) return;
        try {
          bytesRead += end - begin;
          if (bytesRead > maxBytesRead)
            throw new UnreadableFile('too_large', 'This PDF is too large and too damaged to read.');
          const bytes = readBytes(fd, begin, end - begin);
          if (bytes.length < end - begin) throw new UnreadableFile('corrupt', 'This file ends too early.');
          this.onDataRange(begin, new Uint8Array(bytes));
        } catch (error) {
          failure.reject(error);
        }
      });
    }
  }
  const task = getDocument({
    range: new FileRanges(sizeBytes, new Uint8Array(readBytes(fd, 0, Math.min(sizeBytes, rangeBytes)))),
    rangeChunkSize: rangeBytes,
    disableAutoFetch: true,
    disableStream: true,
    ...packageFolders(),
    useWorkerFetch: false,
    useSystemFonts: false,
    isOffscreenCanvasSupported: false,
    maxImageSize: maxImagePixels,
    enableXfa: false,
    verbosity: 0,
  });
  // While the document still waits for bytes it cannot be closed; without bytes to come it is left to the collector.
  const close = async (): Promise<void> => {
    isClosed = true;
    await task.destroy().catch(() => undefined);
  };
  task.promise.catch(close);
  try {
    const pdf = await Promise.race([task.promise, failure.promise]);
    return { pdf, failing: failure.promise, close };
  } catch (error) {
    isClosed = true;
    throw unreadable(error);
  }
};

/** The package's own character maps, fonts and decoders, as plain paths: it reads them with node:fs. */
const packageFolders = () => {
  const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const folder = (name: string): string => `${join(root, name)}/`;
  return {
    cMapUrl: folder('cmaps'),
    cMapPacked: true,
    standardFontDataUrl: folder('standard_fonts'),
    wasmUrl: folder('wasm'),
  };
};

const readOpened = async (pdf: PDFDocumentProxy, fileName: string): Promise<BookReading> => {
  const { info, xmp } = await readInfo(pdf);
  const metadata = pdfMetadata(info, readXmp(xmp), fileName);
  const pageCount = Math.max(1, pdf.numPages);
  const forChapters = limitWork(chaptersWorkMs);
  const chapters = await readChapters(pdf, forChapters);
  const forCover = limitWork(coverWorkMs);
  const cover = await drawCover(pdf, forCover);
  const isPartial = (cover === undefined && forCover.isOver()) || forChapters.isOver();
  return {
    format: 'pdf',
    contentType: 'book',
    metadata: { ...metadata, pageCount, chapters },
    ...(cover && { cover }),
    ...(isPartial && { isPartial }),
  };
};

const readInfo = async (pdf: PDFDocumentProxy): Promise<{ info: PdfInfo; xmp: string | undefined }> => {
  const { info, metadata } = await pdf.getMetadata();
  const entries = info as Record<string, unknown>;
  const packet: unknown = metadata?.getRaw();
  const custom = entries.Custom instanceof Map ? entries.Custom : new Map<unknown, unknown>();
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? unmarkedUtf8(value) : undefined;
  return {
    info: {
      title: text(entries.Title),
      author: text(entries.Author),
      subject: text(entries.Subject),
      keywords: text(entries.Keywords),
      isbn: text(custom.get('ISBN')) ?? text(custom.get('isbn')),
      language: text(entries.Language),
    },
    xmp: typeof packet === 'string' ? packet : undefined,
  };
};

type OutlineItem = { title: string; dest: unknown; items: OutlineItem[] };

/** The outline's entries that lead to a page, as far as they are found in the time given. */
const readChapters = async (pdf: PDFDocumentProxy, limit: TimeLimit): Promise<Chapter[]> => {
  const outline = (await pdf.getOutline().catch(() => [])) as OutlineItem[] | null;
  const chapters: Chapter[] = [];
  const pending = (outline ?? []).map((item) => ({ item, depth: 0 })).reverse();
  for (
    let next = pending.pop();
    next && chapters.length < maxChapters && !limit.isOver();
    next = pending.pop()
  ) {
    const { item, depth } = next;
    const title = cleanText(unmarkedUtf8(item.title), 500);
    const page = title === undefined ? undefined : await findPage(pdf, item.dest).catch(() => undefined);
    if (title !== undefined && page !== undefined)
      chapters.push({ title, position: page / pdf.numPages, depth });
    for (const child of item.items.toReversed()) pending.push({ item: child, depth: depth + 1 });
  }
  return chapters;
};

/** The page a destination leads to, counted from 0 (ISO 32000-2 §12.3.2: by name, by page object or by page number). */
const findPage = async (pdf: PDFDocumentProxy, destination: unknown): Promise<number | undefined> => {
  const explicit: unknown =
    typeof destination === 'string' ? await pdf.getDestination(destination) : destination;
  const target: unknown = Array.isArray(explicit) ? explicit[0] : undefined;
  const page = isPageRef(target) ? await pdf.getPageIndex(target) : target;
  return typeof page === 'number' && Number.isInteger(page) && page >= 0 && page < pdf.numPages
    ? page
    : undefined;
};

const isPageRef = (target: unknown): target is { num: number; gen: number } =>
  typeof target === 'object' && target !== null && 'num' in target && 'gen' in target;

/** The first of the first pages that is not blank, on white paper; undefined when none can be drawn in time. */
const drawCover = async (pdf: PDFDocumentProxy, limit: TimeLimit): Promise<Uint8Array | undefined> => {
  for (let number = 1; number <= Math.min(pdf.numPages, maxCoverPages) && !limit.isOver(); number += 1) {
    const drawn = await drawPage(pdf, number, limit);
    if (drawn !== undefined) return drawn;
  }
  return undefined;
};

const drawPage = async (
  pdf: PDFDocumentProxy,
  number: number,
  limit: TimeLimit,
): Promise<Uint8Array | undefined> => {
  try {
    const page = await pdf.getPage(number);
    const { width, height } = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: coverSide / Math.max(width, height) });
    const { createCanvas } = await import('@napi-rs/canvas');
    const canvas = createCanvas(
      Math.max(1, Math.round(viewport.width)),
      Math.max(1, Math.round(viewport.height)),
    );
    const rendering = page.render({
      canvas,
      viewport,
      background: '#ffffff',
      annotationMode: 0,
    });
    rendering.onContinue = (proceed: () => void) => (limit.isOver() ? rendering.cancel() : proceed());
    await rendering.promise;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    if (isBlank(data)) return undefined;
    return new Uint8Array(await canvas.encode('jpeg', 90));
  } catch {
    return undefined;
  }
};

/** Whether less than a pixel in five hundred is darker than light grey: an empty page, or one with a number on it. */
const isBlank = (rgba: Uint8ClampedArray): boolean => {
  let inked = 0;
  for (let at = 0; at < rgba.length; at += 4)
    if (rgba[at]! < 232 || rgba[at + 1]! < 232 || rgba[at + 2]! < 232) inked += 1;
  return inked * 500 * 4 < rgba.length;
};

const unreadable = (error: unknown): UnreadableFile => {
  if (error instanceof UnreadableFile) return error;
  if (error instanceof Error && error.name === 'PasswordException')
    return new UnreadableFile('encrypted', 'This PDF is protected by a password.', error);
  return new UnreadableFile('corrupt', 'This PDF is damaged and cannot be read.', error);
};
