// The books whose text is locked to their seller's own programs.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProtectedBook } from '../../../server/api/desk/schemas.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { protectedBooksQuery } from '../queries.ts';
import { Section } from './section.tsx';

const words = messages.protectedBooks;
const shownBeside = 3;

/** The first few beside the shelf, all of them in a dialog; nothing at all while every book is open. */
export function ProtectedBooks() {
  const query = useQuery(protectedBooksQuery);
  const [open, setOpen] = useState(false);
  const books = query.data?.books ?? [];
  const total = query.data?.total ?? 0;
  if (!query.isError && books.length === 0 && !open) return null;
  return (
    <Section
      query={query}
      heading={
        <>
          {words.heading} {total > 0 && <span className="tally">{words.total(total)}</span>}
        </>
      }
    >
      <p className="quiet">{words.intro}</p>
      <BookList books={books.slice(0, shownBeside)} />
      {books.length > shownBeside && <Button onClick={() => setOpen(true)}>{words.seeAll(total)}</Button>}
      {open && (
        <Dialog title={words.heading} wide onClose={() => setOpen(false)}>
          <p>
            {words.intro} {total > books.length && words.first(books.length)}
          </p>
          <BookList books={books} />
        </Dialog>
      )}
    </Section>
  );
}

function BookList({ books }: { books: readonly ProtectedBook[] }) {
  return (
    <ul className="entries">
      {books.map((book) => (
        <li key={book.file_id} className="entry">
          <p className="failure-name">
            <span className="path">{book.name}</span> <span className="tag">{words.by(book.protection)}</span>
          </p>
          <p className="quiet">
            {words.folder} <span className="path">{book.folder}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
