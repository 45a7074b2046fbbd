// The first page of a new library: the person who opens it makes the account that owns it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { ClaimRequest } from '../../../server/api/desk/schemas.ts';
import { api, ApiError, Unreachable } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { isPassphrase, passwordRules } from '../password-rules.ts';
import { statusQuery } from '../queries.ts';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';

type FieldErrors = Partial<Record<keyof ClaimRequest, string>>;
const fieldOrder = ['display_name', 'email', 'password'] as const;
const words = messages.firstRun;

/** Claims the server: a name, an e-mail address and a password. */
export function FirstRun() {
  const heading = usePage(words.page);
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [request, setRequest] = useState<ClaimRequest>({ display_name: '', email: '', password: '' });
  const [errors, setErrors] = useState<FieldErrors>({});
  const [shown, setShown] = useState(false);

  const claim = useMutation({
    mutationFn: api.claim,
    onSuccess: (status) => client.setQueryData(statusQuery.queryKey, status),
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      // Claimed in another window meanwhile: the status says what to show now.
      if (error.status === 409) void client.invalidateQueries({ queryKey: statusQuery.queryKey });
      reject(error.fields);
    },
  });

  function reject(found: FieldErrors): void {
    setErrors(found);
    const first = fieldOrder.find((name) => found[name] !== undefined);
    if (first !== undefined) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (claim.isPending) return;
    const asked = { ...request, display_name: request.display_name.trim(), email: request.email.trim() };
    const found = findErrors(asked);
    reject(found);
    if (Object.keys(found).length === 0) claim.mutate(asked);
  }

  function change(name: keyof ClaimRequest, value: string): void {
    setRequest((before) => ({ ...before, [name]: value }));
    setErrors(({ [name]: _gone, ...rest }) => rest);
  }

  const unplaced = claim.error !== null && Object.keys(errors).length === 0 ? claim.error : undefined;
  return (
    <main id="content" className="title-page">
      <Wordmark />
      <h1 ref={heading} tabIndex={-1}>
        {words.heading}
      </h1>
      <p className="lede">{words.intro}</p>
      <form ref={form} noValidate onSubmit={submit} className="form">
        <Field
          label={words.name}
          name="display_name"
          autoComplete="name"
          value={request.display_name}
          error={errors.display_name}
          onChange={(value) => change('display_name', value)}
        />
        <Field
          label={words.email}
          name="email"
          type="email"
          autoComplete="email"
          hint={words.emailHint}
          value={request.email}
          error={errors.email}
          onChange={(value) => change('email', value)}
        />
        <Field
          label={words.password}
          name="password"
          type={shown ? 'text' : 'password'}
          autoComplete="new-password"
          value={request.password}
          error={errors.password}
          describedBy="password-rules"
          onChange={(value) => change('password', value)}
          action={
            <Button
              kind="plain"
              aria-pressed={shown}
              aria-label={words.showPassword}
              onClick={() => setShown(!shown)}
            >
              {shown ? words.hide : words.show}
            </Button>
          }
        />
        <PasswordRules password={request.password} />
        {unplaced !== undefined && (
          <Notice tone="warning" alert>
            {unplaced instanceof Unreachable ? messages.unreachable : unplaced.message}
          </Notice>
        )}
        <Button kind="primary" type="submit" busy={claim.isPending}>
          {claim.isPending ? words.submitting : words.submit}
        </Button>
      </form>
    </main>
  );
}

function PasswordRules({ password }: { password: string }) {
  return (
    <div id="password-rules" className="rules">
      <p>{words.rules}</p>
      <ul>
        {passwordRules(password).map(({ rule, met }) => (
          <li key={rule} className={met ? 'rule rule--met' : 'rule'}>
            {words.rule[rule]}
            <span className="unseen">, {met ? words.met : words.missing}</span>
          </li>
        ))}
      </ul>
      <p className={isPassphrase(password) ? 'rule rule--met' : 'rule'}>
        {words.passphrase}
        <span className="unseen">, {isPassphrase(password) ? words.met : words.missing}</span>
      </p>
    </div>
  );
}

function findErrors({ display_name, email, password }: ClaimRequest): FieldErrors {
  return {
    ...(display_name === '' ? { display_name: words.errors.name } : {}),
    ...(display_name.length > 100 ? { display_name: words.errors.nameLong } : {}),
    ...(/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(email) ? {} : { email: words.errors.email }),
    ...(isPassphrase(password) || passwordRules(password).every(({ met }) => met)
      ? {}
      : { password: words.errors.password }),
  };
}
