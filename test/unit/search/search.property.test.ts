import type { Db } from '../../../server/catalogue/db.ts';
import { describe, expect, it } from 'vitest';
import { fold } from '../../../server/base/fold.ts';
import { createBooks } from '../../../server/library/books.ts';
import { deleteBook, updateBook } from '../../../server/library/books.queries.ts';
import { createSearch } from '../../../server/search/search.ts';
import { createAnnotations } from '../../../server/marks/annotations.ts';
import { deleteAnnotationRow } from '../../../server/marks/annotations.queries.ts';
import {
  insertAnnotation,
  insertBookmark,
  updateAnnotation,
  updateBookmark,
} from '../../../server/marks/marks.queries.ts';
import { createMarks } from '../../../server/marks/marks.ts';
import { createNotes } from '../../../server/marks/notes.ts';
import { deleteNote, insertNote, updateNote } from '../../../server/marks/notes.queries.ts';
import { createDice } from '../../../scripts/bench/words.ts';
import { aBook, aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import { tag } from './query/library.ts';
import { seriesNamed } from '../../../server/library/series.queries.ts';

// Few letters, so that they meet: with and without accents, signs of LIKE, of FTS5 and of SQL, one beyond the basic plane.
const LETTERS = ['a', 'á', 'b', 'B', 'e\u0301', 'É', 'o', 'ø', 'ж', 'ß', 'ﬁ', '%', '_', '\\', '"', "'", '*', '-', '🐉', '1']; // prettier-ignore

type Kind = 'annotation' | 'bookmark' | 'note';
type Mark = { id: string; kind: Kind; bookId: string; texts: (string | null)[] };
type Book = { id: string; title: string; authors: string[]; others: string[] };
type Model = { ownerId: string; books: Book[]; marks: Mark[] };

/** A library of two people whose things were added by turns, and what it is made of. */
function build(seed: number) {
  const dice = createDice(seed);
  const shelf = openShelf();
  const now = shelf.clock.now();
  const word = (longest: number) =>
    Array.from({ length: 1 + dice.number(longest) }, () => LETTERS[dice.number(LETTERS.length)]).join('');
  const text = () => Array.from({ length: dice.number(5) }, () => word(4)).join(dice.number(3) === 0 ? '\n' : ' '); // prettier-ignore
  const maybe = () => (dice.number(3) === 0 ? null : text());
  const one = <T>(of: readonly T[]): T | undefined => of[dice.number(of.length)];
  const models = [shelf.ownerId, shelf.write((db) => aUser(db))].map((ownerId): Model => ({
    ownerId,
    books: [],
    marks: [],
  }));
  let count = 0;

  function addBook(db: Db, { ownerId, books }: Model) {
    const [title, authors, subtitle, description] = [word(3), [word(3), word(3)], maybe(), maybe()];
    const series = dice.number(3) === 0 ? word(2) : undefined;
    const seriesId = series === undefined ? null : seriesNamed(db, ownerId, series, now);
    const book = aBook(db, { ownerId, title, authors, subtitle, description, seriesId, hasFile: true });
    const tags = dice.number(3) === 0 ? [word(2)] : [];
    for (const name of tags) tag(db, ownerId, book.bookId, name);
    const others = [subtitle, description, series, ...tags].filter((said) => typeof said === 'string');
    books.push({ id: book.bookId, title, authors, others });
  }
  function addMark(db: Db, { ownerId, books, marks }: Model) {
    const book = one(books);
    if (book === undefined) return;
    const kind = one(['annotation', 'annotation', 'bookmark', 'note'] as const) ?? 'note';
    const [id, texts] = [`mark-${(count += 1)}`, kind === 'note' ? [text(), text()] : [maybe(), maybe(), maybe()]]; // prettier-ignore
    const made = { ownerId, bookId: book.id, createdAt: now, updatedAt: now };
    const said = { chapter: texts[0] ?? null, text: texts[1] ?? null, note: texts[2] ?? null };
    if (kind === 'annotation')
      insertAnnotation(db, { ...made, ...said, annotationId: id, source: 'papyrus' });
    else if (kind === 'bookmark') insertBookmark(db, { ...made, ...said, bookmarkId: id, source: 'papyrus' });
    else insertNote(db, { ...made, noteId: id, title: texts[0] ?? '', content: texts[1] ?? '' });
    marks.push({ id, kind, bookId: book.id, texts });
  }
  function change(db: Db, model: Model) {
    const [book, mark, other] = [one(model.books), one(model.marks), one(model.books)];
    if (book === undefined || mark === undefined || other === undefined) return;
    switch (dice.number(6)) {
      case 0:
        book.title = word(3);
        updateBook(db, book.id, { title: book.title });
        break;
      case 1:
        book.authors = [word(3)];
        updateBook(db, book.id, { authors: book.authors });
        break;
      case 2: {
        mark.texts = [text(), text()];
        mark.bookId = other.id;
        const [heading = '', said = ''] = mark.texts;
        const place = { bookId: other.id, text: said, note: null, chapter: heading };
        if (mark.kind === 'annotation') updateAnnotation(db, mark.id, place);
        else if (mark.kind === 'bookmark') updateBookmark(db, mark.id, place);
        else updateNote(db, mark.id, { bookId: other.id, title: heading ?? '', content: said ?? '' });
        break;
      }
      case 3:
        if (mark.kind === 'annotation') deleteAnnotationRow(db, mark.id);
        else if (mark.kind === 'note') deleteNote(db, mark.id);
        else return;
        model.marks = model.marks.filter(({ id }) => id !== mark.id);
        break;
      case 4:
        if (dice.number(4) > 0) return;
        deleteBook(db, book.id, now);
        model.books = model.books.filter(({ id }) => id !== book.id);
        model.marks = model.marks.filter(({ bookId }) => bookId !== book.id);
        break;
      default:
        addMark(db, model);
    }
  }
  for (let turn = 0; turn < 40; turn += 1) {
    shelf.write((db) => {
      for (const model of models) {
        if (turn % 3 === 0) addBook(db, model);
        for (let each = 0; each < 3; each += 1) addMark(db, model);
      }
    });
    if (turn > 10) for (const model of models) shelf.write((db) => change(db, model));
  }
  return { shelf, models, dice, word };
}

const holdsAll = (words: string[], texts: (string | null)[]) => {
  const folded = texts.map((text) => (text === null ? '' : fold(text)));
  return words.every((each) => folded.some((text) => text.includes(each)));
};
const ids = (things: readonly { id: string }[]) => things.map(({ id }) => id).toSorted();

describe('any words', () => {
  it.each([1, 2, 3])(
    'are found in books, highlights, bookmarks and notes as looking at each finds them (%i)',
    (seed) => {
      const { shelf, models, dice, word } = build(seed);
      const parts = { catalogue: shelf.catalogue, clock: shelf.clock };
      const [books, search, marks] = [createBooks(parts), createSearch(parts), createMarks(parts)];
      const [annotations, notes] = [createAnnotations(parts), createNotes(parts)];
      const all = { page: 1, limit: 1_000, sorts: [] };
      let found = 0;
      for (let turn = 0; turn < 120; turn += 1) {
        const asked = Array.from({ length: 1 + dice.number(3) }, () => word(3)).join(' ');
        const words = fold(asked)
          .split(' ')
          .filter((each) => each !== '');
        for (const { ownerId, books: ofOwner, marks: marked } of models) {
          const titleOf = (id: string) => ofOwner.find((book) => book.id === id)?.title ?? null;
          const authorsOf = (id: string) => ofOwner.find((book) => book.id === id)?.authors ?? [];
          const wanted = {
            books: ids(ofOwner.filter(({ title, authors, others }) => holdsAll(words, [title, ...authors, ...others]))),
            annotations: ids(marked.filter(({ kind, texts }) => kind === 'annotation' && holdsAll(words, texts))),
            notes: ids(marked.filter(({ kind, texts }) => kind === 'note' && holdsAll(words, texts))),
            withTitle: ids(marked.filter(({ kind, texts, bookId }) => kind === 'annotation' && holdsAll(words, [...texts, titleOf(bookId)]))),
            ofKoreader: ids(marked.filter(({ kind, texts, bookId }) => kind !== 'note' && holdsAll(words, [...texts, titleOf(bookId), ...authorsOf(bookId)]))),
          }; // prettier-ignore
          const within = (where: 'books' | 'annotations' | 'notes') => {
            const { results, total } = search.find(ownerId, { search: asked, in: where }, all);
            expect(total, asked).toBe(results.length);
            return results;
          };
          const list = books.list({ ownerId, search: asked }, all);
          const highlights = annotations.list(ownerId, { search: asked }, all);
          const written = notes.list(ownerId, { search: asked }, all);
          const sort = (['created', 'updated', 'book'] as const)[turn % 3] ?? 'created';
          const shown = marks.list({ ownerId, onlyWithSidecar: false, search: asked }, { page: 1, limit: 1_000, sort, order: 'desc' }); // prettier-ignore
          const given = {
            books: ids(within('books')),
            annotations: ids(within('annotations')),
            notes: ids(within('notes')),
            withTitle: ids(highlights.annotations.map(({ annotationId: id }) => ({ id }))),
            ofKoreader: ids(shown.found.map(({ mark }) => ({ id: 'annotationId' in mark ? mark.annotationId : mark.bookmarkId }))),
          }; // prettier-ignore
          expect(given, JSON.stringify(asked)).toEqual(wanted);
          expect(ids(list.books.map(({ bookId: id }) => ({ id }))), asked).toEqual(wanted.books);
          expect(ids(written.notes.map(({ noteId: id }) => ({ id }))), asked).toEqual(wanted.notes);
          expect([list.total, highlights.total, written.total, shown.total], asked).toEqual([wanted.books.length, wanted.withTitle.length, wanted.notes.length, wanted.ofKoreader.length]); // prettier-ignore
          found += wanted.annotations.length;
        }
      }
      expect(found).toBeGreaterThan(200);
    },
    60_000,
  );
});
