// Works out what a book is called and who wrote it from what its files and sidecars say. Pure.
import type { BookFormat } from '../formats/formats.ts';
import { languageOf } from '../base/language.ts';
import { seriesIndex } from '../base/series-index.ts';
import type { BookMetadata, ContentType } from '../formats/book.ts';
import type { Origin } from '../catalogue/schema/books.ts';
import { byRank, contentTypeOf, OPENED_ENDINGS } from '../formats/formats.ts';
import { findIsbns } from './isbn.ts';
import { fold } from './fold.ts';

/** What one file says, as it is kept with the file. */
export type FileSays = {
  fileId: string;
  name: string;
  format: BookFormat;
  metadata: BookMetadata;
  coverHash: string | null;
};

/** What KOReader noted of the document itself, for books whose file is elsewhere. */
export type SidecarSays = {
  title?: string;
  authors?: string[];
  series?: string;
  seriesIndex?: string;
  language?: string;
  description?: string;
  subjects?: string[];
  pageCount?: number;
  identifiers?: { scheme: string; value: string }[];
  format: BookFormat | undefined;
  /** Where its format does not tell. */
  contentType?: ContentType;
  /** The document's file name. */
  name: string;
};

/** What a person set in KOReader over what the document says of itself. */
export type SetOnDevice = Partial<
  Pick<
    BookFields,
    'title' | 'authors' | 'seriesName' | 'seriesIndex' | 'language' | 'description' | 'subjects' | 'coverHash'
  >
>;

export type BookFields = {
  title: string;
  subtitle: string | null;
  authors: string[];
  seriesName: string | null;
  seriesIndex: string | null;
  language: string | null;
  publisher: string | null;
  publishedOn: string | null;
  description: string | null;
  subjects: string[];
  identifiers: { scheme: string; value: string }[];
  pageCount: number | null;
  contentType: ContentType;
  coverHash: string | null;
};

export type Description = { fields: BookFields; origins: Partial<Record<keyof BookFields, Origin>> };

/** The files of one book, the one to read and to show first: by format, then by name. */
export function rankFiles<File extends { format: BookFormat; name: string; fileId: string }>(
  files: File[],
): File[] {
  return files.toSorted(
    (a, b) =>
      byRank(a.format, b.format) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      (a.fileId < b.fileId ? -1 : 1),
  );
}

/**
 * Describes a book, field by field: what a person set on a device wins, then the first file that says something, then the
 * sidecars, last the file's name.
 * Throws when there is neither file nor sidecar.
 */
export function describeBook(
  files: FileSays[],
  sidecars: SidecarSays[],
  devices: readonly SetOnDevice[] = [],
): Description {
  const ranked = rankFiles(files);
  const origins: Description['origins'] = {};
  function pick<Key extends keyof BookFields>(
    field: Key,
    ofFile: (file: FileSays) => BookFields[Key] | undefined,
    ofSidecar: (sidecar: SidecarSays) => BookFields[Key] | undefined,
  ): BookFields[Key] | undefined {
    for (const device of devices) {
      const value = (device as Partial<BookFields>)[field];
      if (says(value)) {
        origins[field] = 'device';
        return value;
      }
    }
    for (const file of ranked) {
      const value = ofFile(file);
      if (says(value)) {
        origins[field] = 'file';
        return value;
      }
    }
    for (const sidecar of sidecars) {
      const value = ofSidecar(sidecar);
      if (says(value)) {
        origins[field] = 'sidecar';
        return value;
      }
    }
    return undefined;
  }
  const format = ranked[0]?.format ?? sidecars[0]?.format;
  const name = ranked[0]?.name ?? sidecars[0]?.name;
  if (name === undefined) throw new Error('a book needs a file or a sidecar');

  const title = pick(
    'title',
    (file) => file.metadata.title,
    (sidecar) => sidecar.title,
  );
  if (title === undefined) origins.title = 'name';
  const seriesOf =
    <T>(get: (series: { name: string; index?: string }) => T) =>
    (file: FileSays) =>
      file.metadata.series === undefined ? undefined : get(file.metadata.series);
  const seriesName = pick(
    'seriesName',
    seriesOf((series) => series.name),
    (sidecar) => sidecar.series,
  );
  const nothing = () => undefined;
  return {
    origins,
    fields: {
      title: title ?? titleFromName(name),
      subtitle: pick('subtitle', (file) => file.metadata.subtitle, nothing) ?? null,
      authors:
        pick(
          'authors',
          (file) => file.metadata.authors,
          (sidecar) => sidecar.authors,
        ) ?? [],
      seriesName: seriesName ?? null,
      seriesIndex:
        seriesName === undefined
          ? null
          : (pick(
              'seriesIndex',
              seriesOf(({ index }) => index && seriesIndex(index)),
              (sidecar) => sidecar.seriesIndex && seriesIndex(sidecar.seriesIndex),
            ) ?? null),
      language:
        pick(
          'language',
          (file) => file.metadata.language && languageOf(file.metadata.language),
          (sidecar) => sidecar.language && languageOf(sidecar.language),
        ) ?? null,
      publisher: pick('publisher', (file) => file.metadata.publisher, nothing) ?? null,
      publishedOn: pick('publishedOn', (file) => file.metadata.publishedOn, nothing) ?? null,
      description:
        pick(
          'description',
          (file) => file.metadata.description,
          (sidecar) => sidecar.description,
        ) ?? null,
      subjects:
        pick(
          'subjects',
          (file) => file.metadata.subjects,
          (sidecar) => sidecar.subjects,
        ) ?? [],
      identifiers:
        pick(
          'identifiers',
          (file) => file.metadata.identifiers,
          (sidecar) => sidecar.identifiers,
        ) ?? [],
      pageCount:
        pick(
          'pageCount',
          (file) => file.metadata.pageCount,
          (sidecar) => sidecar.pageCount,
        ) ?? null,
      contentType: format !== undefined ? contentTypeOf(format) : (sidecars[0]?.contentType ?? 'book'),
      coverHash: pick('coverHash', (file) => file.coverHash ?? undefined, nothing) ?? null,
    },
  };
}

const says = (value: unknown) =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** Endings of books, also of those KOReader opens and nobody reads here. */
const ENDING = new RegExp(
  `(\\.kepub)?\\.(${[...OPENED_ENDINGS, 'cb7'].map((each) => each.replace('.', '\\.')).join('|')})$`,
  'i',
);

/** A title for a book that has none: the file's name without its ending, underscores as blanks. */
export function titleFromName(name: string): string {
  const stem = name.replace(ENDING, '');
  const title = stem.replace(/_+/g, ' ').replace(/\s+/g, ' ').trim();
  return title === '' ? name : title;
}

/** The columns lists sort by. */
export const sortColumns = (book: {
  title: string;
  authors: string[];
}): { sortTitle: string; sortAuthor: string | null } => ({
  sortTitle: fold(book.title),
  sortAuthor: book.authors[0] === undefined ? null : fold(book.authors[0]),
});

/** The ISBN columns of a list of identifiers. */
export function isbnColumns(identifiers: { scheme: string; value: string }[]): {
  isbn: string | null;
  isbn13: string | null;
} {
  const { isbn, isbn13 } = findIsbns(identifiers);
  return { isbn: isbn ?? null, isbn13: isbn13 ?? null };
}
