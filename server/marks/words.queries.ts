// Gives a connection the function that looks for words in texts.
import type { Db } from '../catalogue/catalogue.ts';
import { holdsWords } from './words.ts';

const withWords = new WeakSet<Db['$client']>();

/** Installs text_has_words(words, …texts): 1 when each folded word occurs in one of the texts. */
export function installWords(db: Db): void {
  if (withWords.has(db.$client)) return;
  withWords.add(db.$client);
  db.$client.function(
    'text_has_words',
    { deterministic: true, varargs: true },
    (words: string, ...texts: (string | null)[]) =>
      holdsWords(words, texts.map((text) => text ?? '').join('\n')) ? 1 : 0,
  );
}
