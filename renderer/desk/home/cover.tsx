// A book as it stands on the shelf: its cover, its title and who wrote it.
import { useState } from 'react';
import type { ShelfBook } from '../../../server/api/desk/schemas.ts';
import { messages } from '../../shared/messages/en.ts';

const cloths = 6;

/** The cover in a fixed frame; a book without one is bound in cloth with its title on it. */
export function Cover({ book }: { book: ShelfBook }) {
  const [broken, setBroken] = useState<string>();
  const authors = book.authors.length === 0 ? messages.shelf.unknownAuthor : book.authors.join(', ');
  const hasImage = book.cover_url !== null && book.cover_url !== broken;
  return (
    <li className="book">
      <div className={`cover cover--${clothOf(book.book_id)}`}>
        {hasImage ? (
          <img
            src={book.cover_url ?? undefined}
            alt=""
            width="200"
            height="300"
            loading="lazy"
            decoding="async"
            onError={() => setBroken(book.cover_url ?? undefined)}
          />
        ) : (
          <div className="cover-words" aria-hidden="true">
            <p className="cover-title">{book.title}</p>
            <p className="cover-author">{book.authors[0]}</p>
          </div>
        )}
      </div>
      <h3 className="book-title">{book.title}</h3>
      <p className="book-authors">{authors}</p>
    </li>
  );
}

/** A book keeps its cloth for as long as it keeps its id. */
function clothOf(bookId: string): number {
  return (Number.parseInt(bookId.slice(-4), 16) % cloths) + 1;
}
