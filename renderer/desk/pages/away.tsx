// The page for a browser on another computer: the desk opens only where the server runs, and how to come there.
import { messages } from '../../shared/messages/en.ts';
import { Copyable } from '../../shared/ui/copyable.tsx';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';

const words = messages.away;

/** Says what to do from elsewhere: the commands to type, and where books and devices find the server. */
export function Away() {
  const heading = usePage(words.page);
  const { hostname, port } = window.location;
  const at = port === '' ? '26260' : port;
  const tunnel = `ssh -L ${at}:127.0.0.1:${at} ${hostname}`;
  return (
    <main id="content" className="title-page">
      <Wordmark />
      <h1 ref={heading} tabIndex={-1}>
        {words.heading}
      </h1>
      <p className="lede">{words.body}</p>
      <h2>{words.ways}</h2>
      <ol className="prose-list">
        <li>
          {words.tunnel}
          <Copyable label={words.tunnelCommand} text={tunnel} />
        </li>
        <li>
          {words.link}
          <Copyable label={words.linkCommand} text="npm start -- desk-link" />
        </li>
        <li>{words.open}</li>
      </ol>
      <p className="quiet">{words.devices}</p>
    </main>
  );
}
