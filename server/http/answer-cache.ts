// Keeps ready-made answers as bytes until what they show changes.
import { createHash } from 'node:crypto';

export type Answer = { bytes: Buffer; etag: string };

export type AnswerCache = {
  /** Returns the kept answer, or makes, keeps and returns it. Two asking at once wait for one making. */
  get(key: string, make: () => Promise<unknown>): Promise<Answer>;
};

/**
 * Returns a cache that holds at most `limitBytes`, oldest out first.
 * `revision` names the state of the world: everything made in another one is forgotten.
 */
export function createAnswerCache(revision: () => string, limitBytes = 16_000_000): AnswerCache {
  let madeIn = '';
  let kept = new Map<string, Promise<Answer>>();
  let heldBytes = 0;

  return {
    get(key, make) {
      const now = revision();
      if (now !== madeIn) {
        madeIn = now;
        kept = new Map();
        heldBytes = 0;
      }
      const found = kept.get(key);
      if (found !== undefined) return found;
      const shelf = kept;
      const making = make().then((value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
      });
      shelf.set(key, making);
      making.then(
        ({ bytes }) => {
          if (shelf !== kept) return;
          heldBytes += bytes.length;
          dropOldest(shelf, key);
        },
        () => shelf.delete(key),
      );
      return making;
    },
  };

  function dropOldest(shelf: Map<string, Promise<Answer>>, newest: string): void {
    for (const [key, answer] of shelf) {
      if (heldBytes <= limitBytes || key === newest) return;
      shelf.delete(key);
      void answer.then(({ bytes }) => {
        heldBytes -= bytes.length;
      });
    }
  }
}
