// What an empty library says first.
import { messages } from '../../shared/messages/en.ts';
import { AddFolder } from './sources.tsx';

/** Asks for the folder the books are in. */
export function FirstFolder({ dataDir, onAdded }: { dataDir: string; onAdded: () => void }) {
  return (
    <section className="first-folder" aria-labelledby="first-folder">
      <h2 id="first-folder">{messages.shelf.emptyHeading}</h2>
      <p className="lede">{messages.shelf.emptyBody}</p>
      <AddFolder dataDir={dataDir} onAdded={onAdded} />
    </section>
  );
}
