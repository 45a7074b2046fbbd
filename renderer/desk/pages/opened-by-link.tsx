// The page for a browser without a session: how to come by a link that opens the desk.
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { wasLinkRefused } from '../open-desk.ts';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';

/** Says that the desk is opened by its link, and the ways to a fresh one. */
export function OpenedByLink({ isAsking, onRetry }: { isAsking: boolean; onRetry: () => void }) {
  const heading = usePage(messages.link.page);
  return (
    <main id="content" className="title-page">
      <Wordmark />
      <h1 ref={heading} tabIndex={-1}>
        {messages.link.heading}
      </h1>
      {wasLinkRefused() && <Notice tone="warning">{messages.link.used}</Notice>}
      <p className="lede">{messages.link.body}</p>
      <h2>{messages.link.ways}</h2>
      <ul className="prose-list">
        <li>{messages.link.tray}</li>
        <li>{messages.link.printed}</li>
        <li>{messages.link.restart}</li>
      </ul>
      <p>
        <Button busy={isAsking} onClick={onRetry}>
          {messages.retry}
        </Button>
      </p>
    </main>
  );
}
