// Who may have an account here: invitations the owner hands out, and an hour in which everybody may.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { InvitationLink } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Copyable } from '../../shared/ui/copyable.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { peopleQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { Section } from './section.tsx';

const words = messages.people;

/** The rule that holds now, what changes it, and the invitations nobody used yet. */
export function People() {
  const client = useQueryClient();
  const query = useQuery(peopleQuery);
  const [made, setMade] = useState<InvitationLink>();
  const refresh = () => client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  const inviting = useMutation({ mutationFn: api.invite, onSuccess: setMade, onSettled: refresh });
  const withdrawing = useMutation({ mutationFn: api.withdrawInvitation, onSettled: refresh });
  const opening = useMutation({
    mutationFn: async (open: boolean) => {
      if (open) await api.openRegistration();
      else await api.closeRegistration();
    },
    onSettled: refresh,
  });
  const openUntil = query.data?.open_until ?? null;
  const error = inviting.error ?? withdrawing.error ?? opening.error;

  return (
    <Section heading={words.heading} query={query}>
      <p className="quiet" aria-live="polite">
        {openUntil === null ? words.closed : words.open(openUntil)}
      </p>
      {error !== null && (
        <Notice tone="warning" alert>
          {sentenceFor(error)}
        </Notice>
      )}
      {query.data !== undefined && query.data.invitations.length > 0 && (
        <ul className="entries">
          {query.data.invitations.map(({ invitation_id: id, expires_at: until }) => (
            <li key={id} className="entry">
              <div className="entry-notes">
                <p className="quiet">{words.of(until)}</p>
                <Button
                  kind="plain"
                  busy={withdrawing.isPending}
                  aria-label={words.withdrawOf(until)}
                  onClick={() => withdrawing.mutate(id)}
                >
                  {words.withdraw}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p className="entry-actions">
        <Button busy={inviting.isPending} onClick={() => inviting.mutate()}>
          {words.invite}
        </Button>
        <Button kind="plain" busy={opening.isPending} onClick={() => opening.mutate(openUntil === null)}>
          {openUntil === null ? words.openHour : words.close}
        </Button>
      </p>
      {made !== undefined && (
        <Dialog title={words.dialog} onClose={() => setMade(undefined)}>
          <p>{words.handOver}</p>
          <Copyable label={words.link} text={made.url} />
          <p className="quiet">{words.until(made.expires_at)}</p>
        </Dialog>
      )}
    </Section>
  );
}
