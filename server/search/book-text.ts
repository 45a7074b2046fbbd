// Whether the text of a person's books is kept for searching in it. Off until they say otherwise: it takes room.
import { z } from 'zod';
import { putSetting, selectSetting } from '../accounts/users.queries.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { jobKind } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import { selectOwnersToFold, selectTextCounts } from './text-search.queries.ts';
import type { TextCounts } from './text-search.queries.ts';

const settingOf = (ownerId: string) => `search.book_text.${ownerId}`;

/** Takes in the text of a person's books, or gives it up: whichever they last asked for (library/index-text.ts does it). */
export const indexText = jobKind({
  kind: 'index-text',
  unit: 'files',
  payload: z.object({ ownerId: z.string() }),
  key: ({ ownerId }) => ownerId,
  group: () => 'text',
  // A place elsewhere does not answer, or the disk is full.
  retry: { most: 5, firstMs: 5 * 60 * 1000, longestMs: 6 * 60 * 60 * 1000 },
});

export type BookText = ReturnType<typeof createBookText>;

/** Returns the verbs of the text of books. */
export function createBookText({ catalogue, jobs }: { catalogue: Catalogue; jobs: Jobs }) {
  const isOn = (ownerId: string): boolean =>
    catalogue.read((db) => selectSetting(db, settingOf(ownerId))) === true;
  /** Starts the job that brings what is kept in line with the setting. */
  const refresh = (ownerId: string): void => {
    jobs.add(indexText, { ownerId, payload: { ownerId }, subject: '' });
  };

  return {
    isOn,

    /** How much text is there to search in. */
    counts: (ownerId: string): TextCounts => catalogue.read((db) => selectTextCounts(db, ownerId)),

    /**
     * Switches it on or off; the text is taken in, or given up, in the background. Said again it goes on with what is left,
     * after somebody cancelled it.
     */
    set(ownerId: string, on: boolean): void {
      if (isOn(ownerId) !== on) catalogue.write({}, (db) => putSetting(db, settingOf(ownerId), on));
      refresh(ownerId);
    },

    /** Takes in what came, changed or went since; nothing happens while it is off. */
    followFiles(ownerId: string): void {
      if (isOn(ownerId)) refresh(ownerId);
    },

    /** Has the words of texts folded anew that were taken in when they were folded by another rule. */
    catchUp(): void {
      for (const ownerId of catalogue.read(selectOwnersToFold)) refresh(ownerId);
    },
  };
}
