// Answers that cost a look through a whole library, kept until something in the catalogue changes.
import type { Db } from './db.ts';
import { newestEntry } from './changes.ts';

const MAX_KEPT = 1_000;
const MAX_BYTES = 8_000_000;

type Kept = { seq: number; answers: Map<string, unknown>; heldBytes: number };
const kept = new WeakMap<Db['$client'], Kept>();

/**
 * Returns what `make` gives, for reading only; within a write it is made anew. `key` says all it depends on but the
 * catalogue, `sizeOf` how many bytes it holds where that is more than a few.
 */
export function keptUntilChange<Answer>(
  db: Db,
  key: string,
  make: () => Answer,
  sizeOf: (answer: Answer) => number = () => 0,
): Answer {
  const { $client } = db;
  if ($client.inTransaction) return make();
  const seq = newestEntry($client);
  let found = kept.get($client);
  if (found?.seq !== seq) kept.set($client, (found = { seq, answers: new Map(), heldBytes: 0 }));
  if (found.answers.has(key)) return found.answers.get(key) as Answer;
  const answer = make();
  const bytes = sizeOf(answer);
  if (found.answers.size >= MAX_KEPT || found.heldBytes + bytes > MAX_BYTES) {
    found.answers.clear();
    found.heldBytes = 0;
  }
  found.answers.set(key, answer);
  found.heldBytes += bytes;
  return answer;
}
