// Keeps ready-made answers as bytes until what they show changes.
import { createHash } from 'node:crypto';
import { pack } from './compress.ts';
import type { Coding } from './compress.ts';

/** An answer as it is kept. */
export type Kept = {
  bytes: Buffer;
  etag: string;
  status: number;
  /** Its media type. */
  type: string;
  /** The bytes packed, once for all who want them so. */
  packed(coding: Coding): Promise<Buffer>;
};

/** An answer that is being made has no size yet. */
type Held = { answer: Promise<Kept>; sizeBytes: number };

/** What is to be kept. */
type Made = { status?: number; type: string; content: string | Uint8Array };

export type AnswerCache = {
  /** Returns the kept answer, or makes, keeps and returns it. Two asking at once wait for one making. */
  get(key: string, make: () => Promise<Made>): Promise<Kept>;
};

/**
 * Returns the parts of a key as one text: the same for the same values, whatever the order of their names. Throws for a
 * part JSON would say less of than it is (a Set, a Date, a function): two different answers would share its key.
 */
export const keyOf = (parts: readonly unknown[]): string => JSON.stringify(parts.map(plain));

function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && isPlainObject(value)) {
    const names = Object.keys(value).toSorted();
    return Object.fromEntries(
      names.map((name) => [name, plainOrAbsent((value as Record<string, unknown>)[name])]),
    );
  }
  throw new TypeError(`A key cannot be made of ${Object.prototype.toString.call(value)}.`);
}

/** JSON leaves out what is undefined in an object. */
const plainOrAbsent = (value: unknown) => (value === undefined ? undefined : plain(value));

const isPlainObject = (value: object): boolean =>
  [null, Object.prototype].includes(Object.getPrototypeOf(value) as object | null);

/**
 * Returns a cache that holds at most `limitBytes`, oldest out first.
 * `revision` names the state of the world: everything made in another one is forgotten.
 */
export function createAnswerCache(revision: () => string, limitBytes = 16_000_000): AnswerCache {
  let madeIn = '';
  let kept = new Map<string, Held>();
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
      const answer = make().then(({ status = 200, type, content }) => {
        const bytes = Buffer.from(content as string);
        const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
        const packed = new Map<Coding, Promise<Buffer>>();
        return {
          bytes,
          etag,
          status,
          type,
          packed(coding: Coding) {
            let packing = packed.get(coding);
            if (packing === undefined) {
              packed.set(coding, (packing = pack(bytes, coding)));
              packing.then(hold, () => packed.delete(coding));
            }
            return packing;
          },
        };
      });
      const mine: Held = { answer, sizeBytes: 0 };
      kept.set(key, mine);
      const hold = ({ length }: Buffer): void => {
        if (kept.get(key) !== mine) return;
        mine.sizeBytes += length;
        heldBytes += length;
        dropOldest(key);
      };
      answer.then(
        ({ bytes }) => hold(bytes),
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
