// Answers that cost a look through a whole library, kept until something in the catalogue changes.
import type { Db } from './catalogue.ts';
import { newestEntry } from './changes.ts';

const MAX_KEPT = 1_000;

type Kept = { seq: number; answers: Map<string, unknown> };
const kept = new WeakMap<Db['$client'], Kept>();

/** Returns what `make` gives; within a write it is made anew. `key` says all it depends on but the catalogue. */
export function keptUntilChange<Answer>(db: Db, key: string, make: () => Answer): Answer {
  const { $client } = db;
  if ($client.inTransaction) return make();
  const seq = newestEntry($client);
  let found = kept.get($client);
  if (found?.seq !== seq) kept.set($client, (found = { seq, answers: new Map() }));
  if (found.answers.has(key)) return found.answers.get(key) as Answer;
  const answer = make();
  if (found.answers.size >= MAX_KEPT) found.answers.clear();
  found.answers.set(key, answer);
  return answer;
}
