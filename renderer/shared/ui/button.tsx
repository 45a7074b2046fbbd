// The one button of the desk.
import type { ComponentProps } from 'react';

export type ButtonProps = Omit<ComponentProps<'button'>, 'disabled' | 'className'> & {
  kind?: 'normal' | 'primary' | 'plain' | 'danger';
  /** At work: it keeps the focus and its place, and takes no second press. */
  busy?: boolean;
};

/** A button that never submits a form by accident, and stays focusable while it is busy. */
export function Button({ kind = 'normal', busy = false, type = 'button', onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={`button button--${kind}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
