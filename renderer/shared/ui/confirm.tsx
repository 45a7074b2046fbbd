// Asks before something is taken away.
import { useRef } from 'react';
import { messages } from '../messages/en.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

export type ConfirmProps = {
  title: string;
  /** What it is about, in the person's own terms: a path, a name. */
  subject: string;
  body: string;
  action: string;
  busy: boolean;
  error: string | undefined;
  onConfirm: () => void;
  onClose: () => void;
};

/** A question with its consequence in words; the focus starts on the button that is pressed deliberately last. */
export function Confirm({ title, subject, body, action, busy, error, onConfirm, onClose }: ConfirmProps) {
  const stay = useRef<HTMLButtonElement>(null);
  return (
    <Dialog title={title} hasClose={false} onClose={onClose} focusFirst={stay}>
      <p className="path">{subject}</p>
      <p>{body}</p>
      {error !== undefined && (
        <Notice tone="warning" alert>
          {error}
        </Notice>
      )}
      <div className="dialog-actions">
        <Button ref={stay} onClick={onClose}>
          {messages.cancel}
        </Button>
        <Button kind="danger" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
