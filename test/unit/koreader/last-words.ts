// The model of who spoke last: of each thing the last word of a person, and what devices said later.
import { expect } from 'vitest';

/**
 * What is known of one word: whose it is, since when, and what devices said later; `isSure` when not all that they said later
 * may be a copy from before. `seen` is everything anybody said.
 */
type Word = {
  value: unknown;
  atMs: number;
  by: 'person' | 'device';
  later: unknown[];
  isSure: boolean;
  seen: Set<unknown>;
};

/** Returns a model nobody has spoken to yet. */
export function createLastWords() {
  let words = new Map<string, Word>();
  let removed = new Set<string>();
  let copy: { words: typeof words; removed: typeof removed } | undefined;

  return {
    removed: (text: string) => removed.has(text),
    get: (key: string): Word | undefined => words.get(key),

    /** A person said it now. */
    person(key: string, value: unknown, atMs: number): void {
      const seen = words.get(key)?.seen ?? new Set();
      seen.add(value);
      words.set(key, { value, atMs, by: 'person', later: [], isSure: false, seen });
    },

    /** A person removed the mark. */
    remove: (text: string): void => void removed.add(text),

    /** A file says it, at this moment at the latest: what was seen before is no news, unless it may have been said again. */
    device(key: string, value: unknown, saidMs: number, { isAgain = false } = {}): void {
      const word = words.get(key);
      if (word === undefined) {
        const seen = new Set([value]);
        words.set(key, { value, atMs: saidMs, by: 'device', later: [value], isSure: true, seen });
        return;
      }
      if (word.seen.has(value) && !isAgain) return;
      word.seen.add(value);
      if (word.by === 'person' && saidMs < Math.floor(word.atMs / 1000) * 1000) return;
      word.later.push(value);
      word.isSure ||= !isAgain;
    },

    /** Expects the last word. Of one device `alone` that is its last one; which of several devices is right, is theirs to settle. */
    expectKept(key: string, value: unknown, { alone }: { alone: boolean }): void {
      const word = words.get(key);
      if (word === undefined) return;
      const { by, later, isSure, seen } = word;
      const ofDevices = alone ? later.slice(-1) : [...seen];
      // Once a device surely spoke after the person, the word is the devices': of two of them the mark that was changed last stands whole.
      const isDevices = by === 'device' || (isSure && !alone);
      const allowed = isDevices ? ofDevices : isSure ? later : [...later, word.value];
      expect(allowed, `${key}, said by the ${by}`).toContain(value);
    },

    /** Notes what is known now, or goes back to what was noted. Returns whether it went back. */
    keepOrGoBack(): boolean {
      if (copy === undefined) {
        copy = { words: structuredClone(words), removed: new Set(removed) };
        return false;
      }
      ({ words, removed } = copy);
      copy = undefined;
      return true;
    },
  };
}
