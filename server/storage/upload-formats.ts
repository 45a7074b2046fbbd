// Which files are taken as books: their name and their first bytes must tell the same. Pure.
import { AppError } from '../base/errors.ts';
import type { BookFormat } from '../formats/book.ts';

/** Endings with the formats their files may turn out to be. */
const ENDINGS: Record<string, readonly BookFormat[]> = {
  epub: ['epub'],
  kepub: ['epub'],
  pdf: ['pdf'],
  // Mobipocket and KF8 share one container and are named for each other everywhere.
  mobi: ['mobi', 'azw3'],
  prc: ['mobi', 'azw3'],
  azw: ['mobi', 'azw3'],
  azw3: ['azw3', 'mobi'],
  txt: ['txt'],
  // Comics are named by habit: many a .cbr is a ZIP.
  cbr: ['cbr', 'cbz'],
  cbz: ['cbz', 'cbr'],
  fb2: ['fb2'],
  'fb2.zip': ['fb2'],
  fbz: ['fb2'],
};

const KNOWN = 'EPUB, PDF, MOBI, AZW3, TXT, CBR, CBZ and FB2';

/** Returns the formats a file of this name may have. Throws unsupported for a name that is no book's. */
export function formatsOfName(name: string): readonly BookFormat[] {
  const ending = /\.(fb2\.zip|[^.]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const formats = Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
  if (formats !== undefined) return formats;
  throw new AppError('unsupported', `Files of this kind are not taken. ${KNOWN} are.`);
}

/** Returns the format. Throws unsupported when content and name disagree. */
export function agreedFormat(name: string, sniffed: BookFormat | undefined): BookFormat {
  const named = formatsOfName(name);
  if (sniffed !== undefined && named.includes(sniffed)) return sniffed;
  const isNamed = named[0]!.toUpperCase();
  throw new AppError(
    'unsupported',
    sniffed === undefined
      ? `The file is named as ${isNamed} but is not one.`
      : `The file is named as ${isNamed} but is ${sniffed.toUpperCase()}. Give it the right ending and try again.`,
  );
}
