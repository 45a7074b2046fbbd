// Keeps ready-made answers as bytes until what they show changes.
import { createHash } from 'node:crypto';

export type Answer = { bytes: Buffer; etag: string };

/** An answer that is being made has no size yet. */
type Kept = { answer: Promise<Answer>; sizeBytes: number };

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
  let kept = new Map<string, Kept>();
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
      if (found !== undefined) return found.answer;
      const answer = make().then((value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
      });
      const mine: Kept = { answer, sizeBytes: 0 };
      kept.set(key, mine);
      answer.then(
        ({ bytes }) => {
          if (kept.get(key) !== mine) return;
          mine.sizeBytes = bytes.length;
          heldBytes += bytes.length;
          dropOldest(key);
        },
        () => {
          if (kept.get(key) === mine) kept.delete(key);
        },
      );
      return answer;
    },
  };

  function dropOldest(newest: string): void {
    for (const [key, { sizeBytes }] of kept) {
      if (heldBytes <= limitBytes) return;
      // What is still being made holds nothing yet, and somebody waits for it.
      if (key === newest || sizeBytes === 0) continue;
      kept.delete(key);
      heldBytes -= sizeBytes;
    }
  }
}
