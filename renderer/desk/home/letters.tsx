// The people who wait for a link because no mail server is set up: the owner hands it to them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Letter, LetterLink } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { useTick } from '../../shared/use-tick.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Copyable } from '../../shared/ui/copyable.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { lettersQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { Section } from './section.tsx';

const words = messages.letters;

/** Each request with a button that makes its link; nothing at all while nobody waits. */
export function Letters() {
  useTick();
  const client = useQueryClient();
  const query = useQuery(lettersQuery);
  const [made, setMade] = useState<{ letter: Letter; link: LetterLink }>();
  const refresh = () => client.invalidateQueries({ queryKey: lettersQuery.queryKey });
  const making = useMutation({
    mutationFn: (letter: Letter) => api.openLetter(letter.letter_id),
    onSuccess: (link, letter) => setMade({ letter, link }),
    onSettled: refresh,
  });
  const dismissing = useMutation({
    mutationFn: (letter: Letter) => api.dismissLetter(letter.letter_id),
    onSettled: refresh,
  });
  const letters = query.data?.letters ?? [];
  const error = making.error ?? dismissing.error;
  const isBusy = making.isPending || dismissing.isPending;
  if (letters.length === 0 && made === undefined && error === null && !query.isError) return null;

  return (
    <Section heading={words.heading} query={query}>
      <p className="quiet">{words.intro}</p>
      {error !== null && (
        <Notice tone="warning" alert>
          {sentenceFor(error)}
        </Notice>
      )}
      {letters.length > 0 && (
        <ul className="entries">
          {letters.map((letter) => (
            <li key={letter.letter_id} className="entry">
              <p>
                {letter.display_name} <span className="path quiet">{letter.email}</span>
              </p>
              <p className="quiet">{words.wants(letter.kind, letter.requested_at)}</p>
              <p className="letter-actions">
                <Button
                  busy={isBusy}
                  aria-label={words.makeFor(letter.display_name)}
                  onClick={() => making.mutate(letter)}
                >
                  {words.make}
                </Button>
                <Button
                  kind="plain"
                  busy={isBusy}
                  aria-label={words.dismissOf(letter.display_name)}
                  onClick={() => dismissing.mutate(letter)}
                >
                  {words.dismiss}
                </Button>
              </p>
            </li>
          ))}
        </ul>
      )}
      {made !== undefined && (
        <Dialog title={words.dialog(made.letter.display_name)} onClose={() => setMade(undefined)}>
          <p>{words.handOver(made.letter.kind)}</p>
          <Copyable label={words.link} text={made.link.url} />
          <p className="quiet">{words.until(made.link.expires_at)}</p>
        </Dialog>
      )}
    </Section>
  );
}
