// The way out of the desk, for a browser that others use too.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { statusQuery } from '../queries.ts';

/** Ends this browser's session; nothing of the library stays in the page. */
export function SignOut() {
  const client = useQueryClient();
  const leaving = useMutation({
    mutationFn: api.signOut,
    onSuccess: () => {
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== statusQuery.queryKey[0] });
      client.setQueryData(statusQuery.queryKey, null);
    },
    onError: () => void client.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });
  return (
    <Button kind="plain" busy={leaving.isPending} onClick={() => leaving.mutate()}>
      {messages.home.signOut}
    </Button>
  );
}
