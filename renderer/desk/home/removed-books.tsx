// Books that were removed from the library while their files are still in its folders.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RemovedBook } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { useTick } from '../../shared/use-tick.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { jobsQuery, removedBooksQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { Section } from './section.tsx';

const words = messages.removedBooks;
const shownBeside = 2;

/** The last removed beside the shelf, all of them in a dialog; nothing at all while nothing was removed. */
export function RemovedBooks() {
  useTick();
  const client = useQueryClient();
  const query = useQuery(removedBooksQuery);
  const [open, setOpen] = useState(false);
  const bringing = useMutation({
    mutationFn: (book: RemovedBook) => api.bringBack(book.file_id),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: removedBooksQuery.queryKey }),
        client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
      ]),
  });
  const books = query.data?.books ?? [];
  const total = query.data?.total ?? 0;
  if (!query.isError && books.length === 0 && !open) return null;
  const entries = (shown: readonly RemovedBook[]) => (
    <>
      {bringing.error !== null && (
        <Notice tone="warning" alert>
          {sentenceFor(bringing.error)}
        </Notice>
      )}
      <ul className="entries">
        {shown.map((book) => (
          <li key={book.file_id} className="entry">
            <p className="path">{book.name}</p>
            <p className="quiet">
              {words.folder} <span className="path">{book.folder}</span>
            </p>
            <div className="entry-notes">
              <p className="quiet">{words.removed(book.removed_at)}</p>
              <Button
                kind="plain"
                busy={bringing.isPending}
                aria-label={words.bringBackOf(book.name)}
                onClick={() => bringing.mutate(book)}
              >
                {words.bringBack}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </>
  );

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
      {!open && entries(books.slice(0, shownBeside))}
      {books.length > shownBeside && <Button onClick={() => setOpen(true)}>{words.seeAll(total)}</Button>}
      {open && (
        <Dialog title={words.heading} wide onClose={() => setOpen(false)}>
          <p>
            {words.consequence} {total > books.length && words.newest(books.length)}
          </p>
          {books.length === 0 ? <p>{words.none}</p> : entries(books)}
        </Dialog>
      )}
    </Section>
  );
}
