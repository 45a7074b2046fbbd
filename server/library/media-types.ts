// What the formats of book files are called on the wire.

const MEDIA_TYPES: Record<string, string> = {
  epub: 'application/epub+zip',
  fb2: 'application/x-fictionbook+xml',
  mobi: 'application/x-mobipocket-ebook',
  azw3: 'application/vnd.amazon.mobi8-ebook',
  pdf: 'application/pdf',
  cbz: 'application/vnd.comicbook+zip',
  cbr: 'application/vnd.comicbook-rar',
  txt: 'text/plain; charset=utf-8',
};

/** The media types of all book formats. */
export const BOOK_MEDIA_TYPES: readonly string[] = Object.values(MEDIA_TYPES).map((type) =>
  type.replace(/;.*/, ''),
);

/** The media type of a book format; bytes without a meaning for one that has none. */
export const mediaTypeOf = (format: string | null): string =>
  (format === null ? undefined : MEDIA_TYPES[format]) ?? 'application/octet-stream';
