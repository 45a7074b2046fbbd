// A modal dialog on the browser's own <dialog>: focus trap, Escape and focus return come with it.
import { useEffect, useId, useRef } from 'react';
import type { ReactNode, RefObject } from 'react';
import { messages } from '../messages/en.ts';
import { Button } from './button.tsx';

export type DialogProps = {
  title: string;
  wide?: boolean;
  /** False where the dialog's own buttons include one that closes it. */
  hasClose?: boolean;
  onClose: () => void;
  /** What takes the focus at first; without it, the first field or else the close button. */
  focusFirst?: RefObject<HTMLElement | null>;
  children: ReactNode;
};

/** A dialog that is open for as long as it is drawn; `onClose` is asked for by Escape or its close button. */
export function Dialog({ title, wide = false, hasClose = true, onClose, focusFirst, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    (focusFirst?.current ?? element?.querySelector('input'))?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [focusFirst]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className={wide ? 'dialog dialog--wide' : 'dialog'}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => {
        if (dialog.current?.open === false) onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        {hasClose && (
          <Button kind="plain" onClick={onClose}>
            {messages.close}
          </Button>
        )}
      </div>
      {children}
    </dialog>
  );
}
