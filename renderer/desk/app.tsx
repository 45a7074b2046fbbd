// Decides which page the desk shows: the way in, the first steps, or the library.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isAway, Unreachable } from '../shared/api.ts';
import { messages } from '../shared/messages/en.ts';
import { Notice } from '../shared/ui/notice.tsx';
import { useLive } from './live-updates.ts';
import { Away } from './pages/away.tsx';
import { Broken } from './pages/broken.tsx';
import { FirstRun } from './pages/first-run.tsx';
import { Home } from './pages/home.tsx';
import { OpenedByLink } from './pages/opened-by-link.tsx';
import { statusQuery } from './queries.ts';

/** The whole desk. */
export function App() {
  const status = useQuery(statusQuery);
  const claimed = status.data?.claimed === true;
  const connection = useLive(claimed);
  const silent = status.failureReason instanceof Unreachable || status.error instanceof Unreachable;
  const offline = claimed ? connection === 'lost' : silent;

  return (
    <>
      <a className="skip-link" href="#content">
        {messages.skip}
      </a>
      <div aria-live="polite" className="banner-place">
        {offline && (
          <Notice tone="quiet" title={messages.offline.title}>
            {messages.offline.body}
          </Notice>
        )}
      </div>
      {page()}
    </>
  );

  function page(): ReactNode {
    if (status.data === null) {
      return <OpenedByLink isAsking={status.isFetching} onRetry={() => void status.refetch()} />;
    }
    if (status.data !== undefined) {
      return status.data.claimed ? <Home status={status.data} /> : <FirstRun />;
    }
    if (isAway(status.error)) return <Away />;
    if (status.isError && !silent)
      return <Broken error={status.error} onRetry={() => void status.refetch()} />;
    return (
      <main id="content" className="title-page" aria-busy="true">
        <p className="loading">{messages.loading.desk}</p>
      </main>
    );
  }
}
