// Folds titles so that case, accents and punctuation do not matter when books are compared.
import { fold } from '../base/fold.ts';

export { fold };

/** Only letters with their marks and digits of the folded text: two titles are the same when these are. */
export function foldTitle(title: string): string {
  return fold(title).replace(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '');
}
