// Decides whether files that are not found are gone, or only out of sight: then the person is asked.
import type { Missing } from '../catalogue/schema/accounts.ts';
import type { Loss } from './lost-files.queries.ts';

/** Fewer than these are no reason to ask. */
const FEW = 3;
/** In a folder that is not the one the books were last seen in, this part of them is reason enough. */
const SOME = 1 / 10;

export type Losses = { books: Loss; sidecars: Loss };

/**
 * Returns what to ask the person before anything is forgotten, undefined when nothing is odd: a folder in which nothing of
 * what was known is found, or one that lost most of its books or of KOReader's files at once. `isOtherFolder`: another drive
 * or folder lies at this path than before. `agreed` files are gone by the person's own word.
 */
export function doubtOf(
  { books, sidecars }: Losses,
  { isOtherFolder, agreed = 0 }: { isOtherFolder: boolean; agreed?: number | undefined },
): Missing | undefined {
  const lost = books.lost + sidecars.lost;
  const left = books.left + sidecars.left;
  if (lost === 0 || lost <= agreed) return undefined;
  const counted = { files: lost, known: lost + left };
  if (left === 0) return { reason: 'empty', ...counted };
  const isMuch = (loss: Loss) =>
    isOtherFolder ? loss.lost > (loss.lost + loss.left) * SOME : loss.lost >= FEW && loss.lost > loss.left;
  return isMuch(books) || isMuch(sidecars) ? { reason: 'most', ...counted } : undefined;
}
