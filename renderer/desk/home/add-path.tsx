// Adds a folder or a file by its path, picked in the tray app's own dialog or typed.
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import { ApiError } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { sentenceFor } from '../sentence-for.ts';

export type AddPathProps = {
  words: { add: string; field: string; hint: (example: string) => string; required: string };
  example: string;
  pick: (() => Promise<string | null | undefined>) | undefined;
  /** `sure`: the person has answered what was asked about the path. */
  add: (asked: { path: string; sure: boolean }) => Promise<void>;
  prominent?: boolean;
  onAdded?: () => void;
};

/** A picker button where the tray app offers one, else a line to type the path in. */
export function AddPath({ words, example, pick, add, prominent = false, onAdded }: AddPathProps) {
  const [path, setPath] = useState('');
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const adding = useMutation({
    mutationFn: add,
    onSuccess: () => {
      setPath('');
      onAdded?.();
    },
    onError: () => form.current?.querySelector('input')?.focus(),
  });

  const asked = adding.variables;
  const sureButton =
    asked !== undefined && adding.error instanceof ApiError && adding.error.code === 'home_folder' ? (
      <Button busy={adding.isPending} onClick={() => adding.mutate({ ...asked, sure: true })}>
        {messages.folders.sure}
      </Button>
    ) : undefined;

  if (pick !== undefined) {
    const choose = async (): Promise<void> => {
      const picked = await pick();
      if (picked !== null && picked !== undefined) adding.mutate({ path: picked, sure: false });
    };
    return (
      <div className="form">
        {adding.isError && (
          <Notice tone="warning" alert action={sureButton}>
            {sentenceFor(adding.error)}
          </Notice>
        )}
        <div>
          <Button
            kind={prominent ? 'primary' : 'normal'}
            busy={adding.isPending}
            onClick={() => void choose()}
          >
            {words.add}
          </Button>
        </div>
      </div>
    );
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (adding.isPending) return;
    const asked = path.trim();
    setMissing(asked === '');
    if (asked === '') form.current?.querySelector('input')?.focus();
    else adding.mutate({ path: asked, sure: false });
  }

  return (
    <form ref={form} noValidate onSubmit={submit} className="form">
      <Field
        label={words.field}
        name="path"
        value={path}
        hint={words.hint(example)}
        error={errorBeside(adding.error, missing ? words.required : undefined)}
        onChange={(value) => {
          setPath(value);
          setMissing(false);
          if (adding.isError) adding.reset();
        }}
      />
      <div>
        <Button type="submit" kind="primary" busy={adding.isPending}>
          {words.add}
        </Button>
      </div>
      {sureButton !== undefined && <div>{sureButton}</div>}
    </form>
  );
}

/** The sentence to stand beside the path: the server's word on the field, or on the whole request. */
function errorBeside(error: Error | null, missing: string | undefined): string | undefined {
  if (missing !== undefined || error === null) return missing;
  return error instanceof ApiError ? (error.fields['path'] ?? error.message) : sentenceFor(error);
}
