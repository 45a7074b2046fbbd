// One search: books, highlights, notes or the text of books, with the places where the words were found.
import type { Db } from '../catalogue/db.ts';
import { inflateRawSync } from 'node:zlib';
import { textOfHtml } from '../base/html-text.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { excerptOf } from './excerpt.ts';
import type { Excerpt } from './excerpt.ts';
import { wordsOf } from './query/search.queries.ts';
import {
  selectBooksToShow,
  selectFoundBooks,
  selectFoundMarks,
  selectMarksToShow,
} from './search.queries.ts';
import type { FoundBook } from './search.queries.ts';
import { selectFoundPassages, selectPassages } from './text-search.queries.ts';

export type SearchIn = 'books' | 'annotations' | 'notes' | 'text';
export type Snippet = Excerpt & { field: string };
export type SearchResult = {
  kind: 'book' | 'annotation' | 'note' | 'text';
  /** Of the book, highlight or note; of a passage of text, the book's. */
  id: string;
  bookId: string;
  bookTitle: string;
  authors: string[];
  chapter: string | null;
  /** Of a passage: which it is of the book's, from 0. */
  place: number | null;
  snippets: Snippet[];
};

export type Search = ReturnType<typeof createSearch>;

/** Returns the search over one catalogue. */
export function createSearch({ catalogue }: { catalogue: Catalogue }) {
  return {
    /**
     * Returns page `page` (from 1) of `limit` results and how many there are: of books, highlights and notes those in
     * which every word occurs somewhere, of texts the passages in which every word begins one. Best first, ties by id.
     */
    find(
      ownerId: string,
      asked: { search: string; in: SearchIn },
      { page, limit }: { page: number; limit: number },
    ): { results: SearchResult[]; total: number } {
      const words = wordsOf(asked.search);
      if (words.length === 0) return { results: [], total: 0 };
      const slice = { offset: (page - 1) * limit, limit };
      return catalogue.read((db) => {
        switch (asked.in) {
          case 'books': {
            const { ids, total } = selectFoundBooks(db, ownerId, words, slice);
            return { results: showBooks(db, ids, words), total };
          }
          case 'annotations':
          case 'notes': {
            const kind = asked.in === 'notes' ? 'note' : 'annotation';
            const { ids, total } = selectFoundMarks(db, { ownerId, kind, words }, slice);
            return { results: showMarks(db, kind, ids, words), total };
          }
          case 'text': {
            const ids = selectFoundPassages(db, ownerId, words);
            const shown = ids.slice(slice.offset, slice.offset + limit);
            return { results: showPassages(db, shown, words), total: ids.length };
          }
        }
      });
    },
  };
}

function showBooks(db: Db, ids: string[], words: string[]): SearchResult[] {
  const books = selectBooksToShow(db, ids);
  return ids.flatMap((id) => {
    const book = books.get(id);
    if (book === undefined) return [];
    const fields: [string, string | null][] = [
      ['title', book.title],
      ['subtitle', book.subtitle],
      ['author', authorsOf(book).join(', ')],
      ['series', book.series],
      ['description', book.description === null ? null : textOfHtml(book.description)],
    ];
    return [{ kind: 'book' as const, id, ...shownOf(book), chapter: null, place: null, snippets: snippetsOf(fields, words) }]; // prettier-ignore
  });
}

function showMarks(db: Db, kind: 'annotation' | 'note', ids: string[], words: string[]): SearchResult[] {
  const marks = selectMarksToShow(db, kind, ids);
  const books = selectBooksToShow(db, [...new Set([...marks.values()].map(({ bookId }) => bookId))]);
  const names = kind === 'note' ? (['title', 'content', ''] as const) : (['chapter_title', 'selected_text', 'note'] as const); // prettier-ignore
  return ids.flatMap((id) => {
    const mark = marks.get(id);
    const book = mark === undefined ? undefined : books.get(mark.bookId);
    if (mark === undefined || book === undefined) return [];
    const fields: [string, string | null][] = [[names[0], mark.heading], [names[1], mark.text], [names[2], mark.note]]; // prettier-ignore
    const chapter = kind === 'note' ? null : mark.heading;
    return [{ kind, id, ...shownOf(book), chapter, place: null, snippets: snippetsOf(fields, words) }];
  });
}

function showPassages(db: Db, ids: number[], words: string[]): SearchResult[] {
  const passages = selectPassages(db, ids);
  const books = selectBooksToShow(db, [...new Set([...passages.values()].map(({ bookId }) => bookId))]);
  return ids.flatMap((passageId) => {
    const passage = passages.get(passageId);
    const book = passage === undefined ? undefined : books.get(passage.bookId);
    if (passage === undefined || book === undefined) return [];
    const text = inflateRawSync(passage.content).toString();
    const excerpt = excerptOf(text, words, { atWordStart: true });
    const snippets = excerpt === undefined ? [] : [{ field: 'text', ...excerpt }];
    const { chapter, place } = passage;
    return [{ kind: 'text' as const, id: book.bookId, ...shownOf(book), chapter, place, snippets }];
  });
}

const authorsOf = (book: FoundBook): string[] => JSON.parse(book.authors) as string[];
const shownOf = (book: FoundBook) => ({
  bookId: book.bookId,
  bookTitle: book.title,
  authors: authorsOf(book),
});

/** The fields in which a word was found. */
const snippetsOf = (fields: [string, string | null][], words: string[]): Snippet[] =>
  fields.flatMap(([field, text]) => {
    const excerpt = text === null ? undefined : excerptOf(text, words);
    return excerpt === undefined ? [] : [{ field, ...excerpt }];
  });
