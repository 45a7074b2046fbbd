// A list of paths the library reads from: shown, added in a dialog, removed after a question.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from '../../shared/ui/button.tsx';
import { Confirm } from '../../shared/ui/confirm.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { jobsQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { AddPath } from './add-path.tsx';
import type { AddPathProps } from './add-path.tsx';
import { Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

type PathEntry = {
  id: string;
  path: string;
  /** Chosen at the server's start: it cannot be removed here. */
  fixed: boolean;
  notes: readonly (string | undefined)[];
  /** A sentence of its own under the notes. */
  remark?: string | undefined;
  error: string | null;
};

type PathWords = AddPathProps['words'] & {
  heading: string;
  addMore: string;
  dialog: string;
  empty: string;
  fixed: string;
  remove: string;
  removeOf: (path: string) => string;
  removeHeading: string;
  removeBody: string;
  removeConfirm: string;
};

export type PathSectionProps = {
  words: PathWords;
  query: NonNullable<SectionProps['query']>;
  queryKey: readonly string[];
  entries: readonly PathEntry[] | undefined;
  /** Given at the server's start, and of no use. */
  refused: readonly { path: string; message: string }[] | undefined;
  add: AddPathProps;
  remove: (id: string) => Promise<void>;
};

/** One such list with its heading and its buttons. */
export function PathSection({
  words,
  query,
  queryKey,
  entries = [],
  refused = [],
  add,
  remove,
}: PathSectionProps) {
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<PathEntry>();
  const removing = useMutation({
    mutationFn: async (id: string) => {
      await remove(id);
      await client.invalidateQueries({ queryKey });
      // How its last reading went is of no interest any more.
      await client.invalidateQueries({ queryKey: jobsQuery.queryKey });
    },
    onSuccess: () => {
      closeQuestion();
      // The button that asked is gone with its entry.
      requestAnimationFrame(() => heading.current?.focus());
    },
  });

  function closeQuestion(): void {
    setLeaving(undefined);
    removing.reset();
  }

  return (
    <Section heading={words.heading} headingRef={heading} query={query}>
      {entries.length + refused.length === 0 && <p className="quiet">{words.empty}</p>}
      {entries.length + refused.length > 0 && (
        <ul className="entries">
          {entries.map((entry) => (
            <li key={entry.id} className="entry">
              <p className="path">{entry.path}</p>
              <p className="quiet entry-notes">
                <span>
                  {[...entry.notes, entry.fixed ? words.fixed : undefined].filter(Boolean).join(' · ')}
                </span>
                {!entry.fixed && (
                  <Button
                    kind="plain"
                    aria-label={words.removeOf(entry.path)}
                    onClick={() => setLeaving(entry)}
                  >
                    {words.remove}
                  </Button>
                )}
              </p>
              {entry.remark !== undefined && <p className="quiet">{entry.remark}</p>}
              {entry.error !== null && <p className="entry-error">{entry.error}</p>}
            </li>
          ))}
          {refused.map(({ path, message }) => (
            <li key={path} className="entry">
              <p className="path">{path}</p>
              <p className="quiet">{words.fixed}</p>
              <p className="entry-error">{message}</p>
            </li>
          ))}
        </ul>
      )}
      {add.pick === undefined ? (
        <Button onClick={() => setAdding(true)}>{words.addMore}</Button>
      ) : (
        <AddPath {...add} />
      )}
      {isAdding && (
        <Dialog title={words.dialog} onClose={() => setAdding(false)}>
          <AddPath {...add} onAdded={() => setAdding(false)} />
        </Dialog>
      )}
      {leaving !== undefined && (
        <Confirm
          title={words.removeHeading}
          subject={leaving.path}
          body={words.removeBody}
          action={words.removeConfirm}
          busy={removing.isPending}
          error={removing.error === null ? undefined : sentenceFor(removing.error)}
          onConfirm={() => removing.mutate(leaving.id)}
          onClose={closeQuestion}
        />
      )}
    </Section>
  );
}
