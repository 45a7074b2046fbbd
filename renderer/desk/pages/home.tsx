// The library's page: what it holds, what is being read, where the books come from, and their covers.
import { useQuery } from '@tanstack/react-query';
import type { Status } from '../../../server/api/desk/schemas.ts';
import { desktop } from '../../shared/desktop.ts';
import { messages } from '../../shared/messages/en.ts';
import { Addresses } from '../home/addresses.tsx';
import { Backups } from '../home/backups.tsx';
import { Failures } from '../home/failures.tsx';
import { FirstFolder } from '../home/first-folder.tsx';
import { Letters } from '../home/letters.tsx';
import { MissingPasswords } from '../home/missing-passwords.tsx';
import { MissingBooks } from '../home/missing-books.tsx';
import { People } from '../home/people.tsx';
import { ProtectedBooks } from '../home/protected-books.tsx';
import { Reading, ScanButton } from '../home/reading.tsx';
import { RemovedBooks } from '../home/removed-books.tsx';
import { Settings } from '../home/settings.tsx';
import { ShelfGrid } from '../home/shelf-grid.tsx';
import { SignOut } from '../home/sign-out.tsx';
import { Folders, StatisticsFiles } from '../home/sources.tsx';
import { foldersQuery } from '../queries.ts';
import { usePage } from '../use-page.ts';
import { Wordmark } from '../wordmark.tsx';

/** The library of its owner. */
export function Home({ status }: { status: Status }) {
  const heading = usePage(messages.home.page);
  const folders = useQuery(foldersQuery);
  const holdsNothing = status.counts.books === 0 && status.counts.comics === 0;
  const isBare = holdsNothing && folders.data?.folders.length === 0;

  /** The form that had the focus is gone once there is a folder. */
  function readOnFromTheTop(): void {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  return (
    <>
      <header className="masthead">
        <Wordmark />
        <p className="masthead-version">
          {messages.home.version(status.version)}
          {desktop.deskToken === undefined && <SignOut />}
        </p>
      </header>
      <main id="content" className="home" tabIndex={-1}>
        <div className="frontispiece">
          <h1 ref={heading} tabIndex={-1}>
            {messages.home.heading(status.owner?.display_name)}
          </h1>
          <div className="frontispiece-line">
            <p className="holdings">
              {messages.home.holdings({
                books: status.counts.books,
                comics: status.counts.comics,
                annotations: status.counts.annotations,
                pageReads: status.counts.page_reads,
              })}
            </p>
            {!isBare && <ScanButton />}
          </div>
          <MissingBooks />
          <Reading />
        </div>
        <div className="margin">
          {!isBare && <Folders dataDir={status.data_dir} />}
          <StatisticsFiles dataDir={status.data_dir} />
          <MissingPasswords />
          <Letters />
          <People />
          <Failures />
          <ProtectedBooks />
          <RemovedBooks />
          <Backups />
          <Settings />
          <Addresses status={status} />
        </div>
        {isBare ? <FirstFolder dataDir={status.data_dir} onAdded={readOnFromTheTop} /> : <ShelfGrid />}
      </main>
    </>
  );
}
