// What can be set while the server runs: how it stands, and a form for all of it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Setting } from '../../../server/api/desk/schemas.ts';
import { api, ApiError } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Choice } from '../../shared/ui/choice.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { Switch } from '../../shared/ui/switch.tsx';
import { settingsQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { Section } from './section.tsx';

const words = messages.settings;
type Value = Setting['value'];

/** A sentence on how reading is counted and what is written, and the way to change it. */
export function Settings() {
  const query = useQuery(settingsQuery);
  const [open, setOpen] = useState(false);
  const settings = query.data?.settings ?? [];
  const valueOf = (name: string) => settings.find((each) => each.name === name)?.value ?? '';
  return (
    <Section heading={words.heading} query={query}>
      <p className="quiet">
        {words.days(String(valueOf('timeZone')), String(valueOf('dayStart')))}{' '}
        {words.writeback(valueOf('writeback') === true)}
      </p>
      <p className="entry-actions">
        <Button onClick={() => setOpen(true)}>{words.change}</Button>
      </p>
      {open && (
        <Dialog title={words.heading} wide onClose={() => setOpen(false)}>
          <SettingsForm settings={settings} onSaved={() => setOpen(false)} />
        </Dialog>
      )}
    </Section>
  );
}

function SettingsForm({ settings, onSaved }: { settings: readonly Setting[]; onSaved: () => void }) {
  const client = useQueryClient();
  const [changes, setChanges] = useState<Readonly<Record<string, Value>>>({});
  const saving = useMutation({
    mutationFn: api.changeSettings,
    onSuccess: async (saved) => {
      client.setQueryData(settingsQuery.queryKey, saved);
      onSaved();
      // Backups say when they are made, the work that follows shows where it stands.
      await client.invalidateQueries();
    },
  });
  const wrong = saving.error instanceof ApiError ? saving.error.fields : {};
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The first one that is wrong is where the person goes on.
    if (saving.error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [saving.error]);
  const failure = Object.keys(wrong).length === 0 ? saving.error : null;

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const changed = settings.filter(({ name, value }) => name in changes && changes[name] !== value);
    if (changed.length === 0) onSaved();
    else saving.mutate(Object.fromEntries(changed.map(({ name }) => [name, changes[name]!])));
  }

  return (
    <form ref={form} className="form" onSubmit={submit} noValidate>
      {[...Map.groupBy(settings, ({ group }) => group)].map(([group, rows]) => (
        <fieldset key={group} className="settings-group">
          <legend>{group}</legend>
          {rows.map((setting) => (
            <SettingField
              key={setting.name}
              setting={setting}
              value={changes[setting.name] ?? setting.value}
              error={wrong[setting.name]}
              onChange={(value) => setChanges({ ...changes, [setting.name]: value })}
            />
          ))}
        </fieldset>
      ))}
      {failure !== null && (
        <Notice tone="warning" alert>
          {sentenceFor(failure)}
        </Notice>
      )}
      <div className="dialog-actions">
        <Button onClick={onSaved}>{messages.cancel}</Button>
        <Button kind="primary" type="submit" busy={saving.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

type SettingFieldProps = {
  setting: Setting;
  value: Value;
  error: string | undefined;
  onChange: (value: Value) => void;
};

/** A switch, a choice or a line, as the setting takes; what was given at the start is shown and cannot be changed. */
function SettingField({ setting, value, error, onChange }: SettingFieldProps) {
  const { name, label, choices, usual, given_by: by } = setting;
  const hint = by === null ? setting.hint : words.given(by);
  const isFixed = by !== null;
  if (typeof value === 'boolean')
    return (
      <Switch label={label} name={name} hint={hint} isOn={value} isFixed={isFixed} onChange={onChange} />
    );
  if (choices.length > 0)
    return (
      <Choice label={label} name={name} hint={hint} value={value} choices={choices} isFixed={isFixed} onChange={onChange} />
    ); // prettier-ignore
  return (
    <Field
      label={label}
      name={name}
      value={value}
      isFixed={isFixed}
      hint={hint}
      {...(typeof usual === 'string' && usual !== '' ? { placeholder: words.usual(usual) } : {})}
      error={error}
      onChange={onChange}
    />
  );
}
