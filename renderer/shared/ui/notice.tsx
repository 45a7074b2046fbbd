// A sentence that wants to be seen, without shouting.
import type { ReactNode } from 'react';

export type NoticeProps = {
  tone: 'quiet' | 'warning';
  title?: string;
  /** Read out at once: for an answer to what the person just did. */
  alert?: boolean;
  /** A button under the words. */
  action?: ReactNode;
  children?: ReactNode;
};

/** A boxed note: quiet for what passes by itself, warning for what needs the person. */
export function Notice({ tone, title, alert = false, action, children }: NoticeProps) {
  return (
    <div className={`notice notice--${tone}`} role={alert ? 'alert' : undefined}>
      <p>
        {title !== undefined && <strong>{title} </strong>}
        {children}
      </p>
      {action}
    </div>
  );
}
