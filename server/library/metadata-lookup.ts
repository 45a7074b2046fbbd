// Asks Open Library and Google Books what they know of a book; the person picks what is right.
import { z } from 'zod';
import { languageTag } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { sanitizeDescription } from '../formats/markup/html.ts';
import type { Outbound } from '../outbound/client.ts';
import { plainIsbn } from './isbn.ts';

export type MetadataQuestion = {
  isbn?: string | undefined;
  title?: string | undefined;
  author?: string | undefined;
};

/** What a source says of an edition; null where it says nothing. */
export type MetadataFinding = {
  source: 'open_library' | 'google_books';
  title: string;
  author: string | null;
  isbn: string | null;
  isbn13: string | null;
  publisher: string | null;
  /** YYYY-MM-DD; the first day of the year or month when no more is known. */
  publishedOn: string | null;
  pageCount: number | null;
  description: string | null;
  /** ISO 639-1 where there is one. */
  language: string | null;
  /** Always https. */
  coverImageUrl: string | null;
};

export type MetadataSources = { openLibrary: string; googleBooks: string };

const SOURCES: MetadataSources = {
  openLibrary: 'https://openlibrary.org',
  googleBooks: 'https://www.googleapis.com',
};
const BY_ISBN = 5;
const BY_TEXT = 10;
const TIMEOUT_MS = 8_000;

export type MetadataLookup = ReturnType<typeof createMetadataLookup>;

/** Returns the lookup; a source that fails or answers nonsense is left out. */
export function createMetadataLookup({
  outbound,
  log,
  sources = SOURCES,
}: {
  outbound: Outbound;
  log: Log;
  sources?: MetadataSources;
}) {
  const ask = async <Answer>(url: URL, schema: z.ZodType<Answer>): Promise<Answer> => {
    const { status, bytes } = await outbound.ask(url.href, { timeoutMs: TIMEOUT_MS });
    if (status !== 200) throw new Error(`answered ${status}`);
    return schema.parse(JSON.parse(bytes.toString()));
  };

  return {
    /**
     * Returns what both sources found, Open Library's first, each in its own order of fitness: at most 5 of each by ISBN,
     * 10 by title and author. Empty without a network.
     */
    async find(question: MetadataQuestion): Promise<MetadataFinding[]> {
      const isbn = question.isbn === undefined ? undefined : plainIsbn(question.isbn);
      const limit = isbn === undefined ? BY_TEXT : BY_ISBN;
      const found = await Promise.allSettled([
        ask(openLibraryUrl(sources.openLibrary, { ...question, isbn }, limit), OpenLibraryAnswer),
        ask(googleUrl(sources.googleBooks, { ...question, isbn }, limit), GoogleAnswer),
      ]);
      for (const each of found)
        if (each.status === 'rejected') log.info('a metadata source gave nothing', { error: each.reason });
      const [open, google] = found;
      return [
        ...(open.status === 'fulfilled' ? open.value.docs.map((doc) => ofOpenLibrary(doc, isbn)) : []),
        ...(google.status === 'fulfilled' ? (google.value.items ?? []).map(ofGoogle) : []),
      ];
    },
  };
}

/** Open Library Search API: the fields asked for are all an answer has. */
const OpenLibraryAnswer = z.object({
  docs: z.array(
    z.object({
      title: z.string(),
      author_name: z.array(z.string()).optional(),
      isbn: z.array(z.string()).optional(),
      publisher: z.array(z.string()).optional(),
      language: z.array(z.string()).optional(),
      number_of_pages_median: z.int().nonnegative().optional(),
      first_publish_year: z.int().optional(),
      cover_i: z.int().positive().optional(),
    }),
  ),
});

function openLibraryUrl(base: string, question: MetadataQuestion, limit: number): URL {
  const url = new URL('/search.json', base);
  for (const name of ['isbn', 'title', 'author'] as const) {
    if (name !== 'isbn' && question.isbn !== undefined) continue;
    const value = question[name];
    if (value !== undefined) url.searchParams.set(name, value);
  }
  url.searchParams.set('limit', String(limit));
  url.searchParams.set(
    'fields',
    'title,author_name,isbn,publisher,language,number_of_pages_median,first_publish_year,cover_i',
  );
  return url;
}

function ofOpenLibrary(
  doc: z.infer<typeof OpenLibraryAnswer>['docs'][number],
  asked: string | undefined,
): MetadataFinding {
  // A work has the ISBNs of all its editions: the one that was asked for is meant.
  const isbns = [...(asked === undefined ? [] : [asked]), ...(doc.isbn ?? [])].map(plainIsbn);
  return {
    source: 'open_library',
    title: doc.title,
    author: doc.author_name?.[0] ?? null,
    ...isbnsOf(isbns),
    publisher: doc.publisher?.[0] ?? null,
    publishedOn: doc.first_publish_year === undefined ? null : dayOf(String(doc.first_publish_year)),
    pageCount: doc.number_of_pages_median ?? null,
    description: null,
    language: languageOf(doc.language?.[0]),
    coverImageUrl:
      doc.cover_i === undefined ? null : `https://covers.openlibrary.org/b/id/${doc.cover_i}-L.jpg`,
  };
}

/** Google Books API, volumes.list. */
const GoogleAnswer = z.object({
  items: z
    .array(
      z.object({
        volumeInfo: z.object({
          title: z.string(),
          subtitle: z.string().optional(),
          authors: z.array(z.string()).optional(),
          publisher: z.string().optional(),
          publishedDate: z.string().optional(),
          description: z.string().optional(),
          industryIdentifiers: z.array(z.object({ type: z.string(), identifier: z.string() })).optional(),
          pageCount: z.int().nonnegative().optional(),
          language: z.string().optional(),
          imageLinks: z.record(z.string(), z.string()).optional(),
        }),
      }),
    )
    .optional(),
});

function googleUrl(base: string, { isbn, title, author }: MetadataQuestion, limit: number): URL {
  const url = new URL('/books/v1/volumes', base);
  const quoted = (text: string) => `"${text.replaceAll('"', ' ')}"`;
  const words =
    isbn === undefined
      ? [
          ...(title === undefined ? [] : [`intitle:${quoted(title)}`]),
          ...(author === undefined ? [] : [`inauthor:${quoted(author)}`]),
        ]
      : [`isbn:${isbn}`];
  url.searchParams.set('q', words.join(' '));
  url.searchParams.set('maxResults', String(limit));
  url.searchParams.set('printType', 'books');
  return url;
}

type Volume = NonNullable<z.infer<typeof GoogleAnswer>['items']>[number];

function ofGoogle({ volumeInfo: volume }: Volume): MetadataFinding {
  const images = volume.imageLinks ?? {};
  const image = images['large'] ?? images['medium'] ?? images['thumbnail'] ?? images['smallThumbnail'];
  return {
    source: 'google_books',
    title: volume.subtitle === undefined ? volume.title : `${volume.title}: ${volume.subtitle}`,
    author: volume.authors?.[0] ?? null,
    ...isbnsOf((volume.industryIdentifiers ?? []).map(({ identifier }) => plainIsbn(identifier))),
    publisher: volume.publisher ?? null,
    publishedOn: volume.publishedDate === undefined ? null : dayOf(volume.publishedDate),
    pageCount: volume.pageCount ?? null,
    description: volume.description === undefined ? null : (sanitizeDescription(volume.description) ?? null),
    language: languageOf(volume.language),
    coverImageUrl: secure(image),
  };
}

const isbnsOf = (plain: string[]): { isbn: string | null; isbn13: string | null } => ({
  isbn: plain.find((each) => /^\d{9}[\dX]$/.test(each)) ?? null,
  isbn13: plain.find((each) => /^97[89]\d{10}$/.test(each)) ?? null,
});

/** The first day of what is known; null for what is no date, such as "19??". */
function dayOf(written: string): string | null {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(written) ?? [];
  if (year === undefined) return null;
  return z.iso.date().safeParse(`${year}-${month}-${day}`).data ?? null;
}

/** Open Library writes "eng" and "ger", Google "en". */
const languageOf = (code: string | undefined): string | null =>
  code === undefined ? null : (languageTag(code) ?? null);

function secure(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol === 'http:') parsed.protocol = 'https:';
  return parsed.protocol === 'https:' ? parsed.href : null;
}
