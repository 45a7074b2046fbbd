// The page for a server that answers, but not with a status.
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';

/** Says what the server said and offers to ask again. */
export function Broken({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const heading = usePage(messages.broken.page);
  return (
    <main id="content" className="title-page">
      <Wordmark />
      <h1 ref={heading} tabIndex={-1}>
        {messages.broken.heading}
      </h1>
      <p className="lede">{error.message}</p>
      <p>
        <Button onClick={onRetry}>{messages.retry}</Button>
      </p>
    </main>
  );
}
