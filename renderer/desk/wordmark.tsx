// The name of the product as it stands on its pages.
import { messages } from '../shared/messages/en.ts';

/** The shelf sign and the product's name. */
export function Wordmark() {
  return (
    <p className="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path d="M4 5h6v19H4zM12 9h5v15h-5zM18.6 8.2l5.2-1.6 5.2 16.6-5.2 1.6z" />
        <path d="M2 26h28v3H2z" />
      </svg>
      <span>{messages.product}</span>
    </p>
  );
}
