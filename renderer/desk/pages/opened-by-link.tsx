// The page for a browser without a session: how to come by a link that opens the desk, or the owner's name and password.
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Copyable } from '../../shared/ui/copyable.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { wasLinkRefused } from '../open-desk.ts';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';
import { SignIn } from './sign-in.tsx';

/** Says that the desk is opened by its link, the ways to a fresh one, and asks for name and password instead. */
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
        <li>
          {messages.link.command}
          <Copyable label={messages.link.commandName} text="npm start -- desk-link" />
        </li>
      </ul>
      <p>
        <Button busy={isAsking} onClick={onRetry}>
          {messages.retry}
        </Button>
      </p>
      <SignIn />
    </main>
  );
}
