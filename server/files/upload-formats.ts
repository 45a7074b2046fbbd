// Which files are taken as books: their name and their first bytes must tell the same. Pure.
import { AppError } from '../base/errors.ts';
import { BOOK_FORMATS, endingOf, formatsOfEnding, isLooseName } from '../formats/formats.ts';
import type { BookFormat } from '../formats/formats.ts';

const KNOWN = new Intl.ListFormat('en-GB').format(BOOK_FORMATS.map((format) => format.toUpperCase()));

/** Returns the formats a file of this name may have. Throws unsupported for a name that is no book's. */
export function formatsOfName(name: string): readonly BookFormat[] {
  const formats = formatsOfEnding(endingOf(name));
  if (formats.length > 0) return formats;
  throw new AppError('unsupported', `Files of this kind are not taken. ${KNOWN} are.`);
}

/** Returns the format. Throws unsupported when content and name disagree. */
export function agreedFormat(name: string, sniffed: BookFormat | undefined): BookFormat {
  const named = formatsOfName(name);
  if (sniffed !== undefined && named.includes(sniffed)) return sniffed;
  const isLoose = isLooseName(name);
  const isNamed = (isLoose ? endingOf(name) : named[0]!).toUpperCase();
  throw new AppError(
    'unsupported',
    sniffed === undefined
      ? `The file is named as ${isNamed} but ${isLoose ? 'there is no book in it' : 'is not one'}.`
      : `The file is named as ${isNamed} but is ${sniffed.toUpperCase()}. Give it the right ending and try again.`,
  );
}
