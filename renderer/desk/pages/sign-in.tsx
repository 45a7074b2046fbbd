// The owner's name and password, for a browser of this computer that has no link at hand.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { OwnerSignInRequest } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { statusQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';

const words = messages.signIn;
const fields = ['email', 'password'] as const;
type Errors = Partial<Record<keyof OwnerSignInRequest, string>>;

/** The form; signed in, the desk opens in its place. */
export function SignIn() {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [request, setRequest] = useState<OwnerSignInRequest>({ email: '', password: '' });
  const [errors, setErrors] = useState<Errors>({});
  const signIn = useMutation({
    mutationFn: api.signInAsOwner,
    onSuccess: () => client.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (signIn.isPending) return;
    const empty = fields.filter((name) => request[name].trim() === '');
    setErrors(Object.fromEntries(empty.map((name) => [name, words.errors[name]])));
    if (empty[0] === undefined) signIn.mutate(request);
    else form.current?.querySelector<HTMLInputElement>(`[name="${empty[0]}"]`)?.focus();
  }

  return (
    <>
      <h2>{words.heading}</h2>
      <form ref={form} noValidate onSubmit={submit} className="form">
        {fields.map((name) => (
          <Field
            key={name}
            label={words[name]}
            name={name}
            type={name}
            autoComplete={name === 'email' ? 'username' : 'current-password'}
            value={request[name]}
            error={errors[name]}
            onChange={(value) => setRequest((before) => ({ ...before, [name]: value }))}
          />
        ))}
        {signIn.isError && (
          <Notice tone="warning" alert>
            {sentenceFor(signIn.error)}
          </Notice>
        )}
        <Button kind="primary" type="submit" busy={signIn.isPending}>
          {signIn.isPending ? words.submitting : words.submit}
        </Button>
      </form>
    </>
  );
}
