// The covers of the library, newest first, appearing as they are read.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { isOver, isReading } from '../live-updates.ts';
import { jobsQuery, shelfQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { withOlder } from '../shelf.ts';
import type { Shelf } from '../shelf.ts';
import { Cover } from './cover.tsx';
import { Section } from './section.tsx';

const words = messages.shelf;

/** The grid of covers with its pages fetched while scrolling, or by the button at its end. */
export function ShelfGrid() {
  const client = useQueryClient();
  const shelf = useQuery(shelfQuery);
  const heading = useRef<HTMLHeadingElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Shelf>();
  const shown = held ?? shelf.data;
  const newer = (shelf.data?.total ?? 0) - (shown?.total ?? 0);

  const more = useMutation({
    mutationFn: async (after: string) => {
      const page = await api.shelf(after);
      client.setQueryData(shelfQuery.queryKey, (known) => withOlder(known, after, page));
      setHeld((known) => withOlder(known, after, page));
    },
  });
  const next = shown?.next ?? undefined;

  // Books coming in at the top would move the ones a person is looking at further down.
  useInView(heading, (isInView, isAbove) => {
    if (isInView) setHeld(undefined);
    else if (isAbove) setHeld((before) => before ?? client.getQueryData(shelfQuery.queryKey));
  });
  useEndReached(end, next, (after) => {
    if (more.isIdle || more.isSuccess) more.mutate(after);
  });

  return (
    <Section
      className="shelf"
      headingRef={heading}
      query={shelf}
      heading={
        <>
          {words.heading}{' '}
          {shelf.data !== undefined && <span className="tally">{words.total(shelf.data.total)}</span>}
        </>
      }
    >
      {newer > 0 && (
        <div className="newer">
          <Button kind="primary" onClick={() => heading.current?.focus()}>
            {words.newer(newer)}
          </Button>
        </div>
      )}
      {shown?.books.length === 0 && <NothingYet />}
      <ul className="books">
        {shown?.books.map((book) => (
          <Cover key={book.book_id} book={book} />
        ))}
      </ul>
      <div ref={end} className="shelf-end">
        {more.isError && (
          <Notice tone="warning" alert>
            {sentenceFor(more.error)}
          </Notice>
        )}
        {next !== undefined && (
          <Button busy={more.isPending} onClick={() => more.mutate(next)}>
            {more.isPending ? words.loadingMore : words.more}
          </Button>
        )}
      </div>
    </Section>
  );
}

function NothingYet() {
  const jobs = useQuery(jobsQuery).data?.jobs;
  const isLooking = jobs?.some((job) => isReading(job) && !isOver(job)) !== false;
  return (
    <div className="nothing">
      <p className="nothing-heading">{isLooking ? words.workingHeading : words.nothingHeading}</p>
      <p>{isLooking ? words.workingBody : words.nothingBody}</p>
    </div>
  );
}

/** Tells whenever an element comes into view, or leaves it. */
function useInView(
  target: RefObject<HTMLElement | null>,
  onChange: (isInView: boolean, isAbove: boolean) => void,
): void {
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (target.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry !== undefined) latest.current(entry.isIntersecting, entry.boundingClientRect.bottom < 0);
    });
    observer.observe(target.current);
    return () => observer.disconnect();
  }, [target]);
}

/** Asks for the page after `next` when the end of the list comes near; once for each `next`. */
function useEndReached(
  target: RefObject<HTMLElement | null>,
  next: string | undefined,
  onReached: (next: string) => void,
): void {
  const latest = useRef(onReached);
  useEffect(() => {
    latest.current = onReached;
  });
  useEffect(() => {
    if (target.current === null || next === undefined) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) latest.current(next);
      },
      { rootMargin: '600px' },
    );
    observer.observe(target.current);
    return () => observer.disconnect();
  }, [target, next]);
}
