// The files that could not be read, each with its reason.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Failure } from '../../../server/api/desk/schemas.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { failuresQuery } from '../queries.ts';
import { Section } from './section.tsx';

const words = messages.failures;
const shownBeside = 3;

/** The newest few beside the shelf, all of them in a dialog; nothing at all while every file could be read. */
export function Failures() {
  const query = useQuery(failuresQuery);
  const [open, setOpen] = useState(false);
  const failures = query.data?.failures ?? [];
  const total = query.data?.total ?? 0;
  if (!query.isError && failures.length === 0 && !open) return null;
  return (
    <Section
      query={query}
      heading={
        <>
          {words.heading} {total > 0 && <span className="tally">{words.total(total)}</span>}
        </>
      }
    >
      <FailureList failures={failures.slice(0, shownBeside)} />
      {failures.length > shownBeside && <Button onClick={() => setOpen(true)}>{words.seeAll(total)}</Button>}
      {open && (
        <Dialog title={words.dialog} wide onClose={() => setOpen(false)}>
          <p>
            {words.intro} {total > failures.length && words.newest(failures.length)}
          </p>
          <FailureList failures={failures} />
        </Dialog>
      )}
    </Section>
  );
}

function FailureList({ failures }: { failures: readonly Failure[] }) {
  return (
    <ul className="entries">
      {failures.map((failure) => (
        <li key={failure.failure_id} className="entry">
          <p className="failure-name">
            <span className="path">{failure.name}</span>{' '}
            <span className="tag">{words.reason(failure.reason)}</span>
          </p>
          <p>{failure.message}</p>
          <p className="quiet">
            {failure.folder === null ? (
              words.given
            ) : (
              <>
                {words.folder} <span className="path">{failure.folder}</span>
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
