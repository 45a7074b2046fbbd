// The catalogues a book's identifiers point to (koshelf.md "Identifiers"): never a link that leads nowhere by its own form.
import { isIsbn } from '../../base/isbn.ts';
import { plainIsbn } from '../../library/isbn.ts';

export type PresentedIdentifier = { scheme: string; value: string; display_scheme: string; url?: string };

const CATALOGUES: Record<string, { name: string; url?: (value: string) => string | undefined }> = {
  isbn: { name: 'ISBN', url: worldcat },
  google: { name: 'Google Books', url: (value) => `https://books.google.com/books?id=${value}` },
  amazon: { name: 'Amazon', url: amazon },
  asin: { name: 'Amazon', url: amazon },
  'mobi-asin': { name: 'Amazon', url: amazon },
  goodreads: { name: 'Goodreads', url: (value) => `https://www.goodreads.com/book/show/${value}` },
  doi: { name: 'DOI', url: (value) => `https://doi.org/${value}` },
  kobo: { name: 'Kobo', url: (value) => `https://www.kobo.com/ebook/${value}` },
  oclc: { name: 'WorldCat', url: (value) => `https://www.worldcat.org/oclc/${value}` },
  lccn: { name: 'Library of Congress' },
  hardcover: { name: 'Hardcover', url: (value) => `https://hardcover.app/books/${value}` },
  'hardcover-edition': { name: 'Hardcover Edition', url: (value) => `https://hardcover.app/books/${value}` },
};

/** Amazon's own numbers are ten characters; of books printed before 2007 they are the ISBN. */
function amazon(value: string): string | undefined {
  return /^[A-Z0-9]{10}$/i.test(value) ? `https://www.amazon.com/dp/${value.toUpperCase()}` : undefined;
}

/** Nothing is found under a number with a wrong check digit. */
function worldcat(value: string): string | undefined {
  const plain = plainIsbn(decodeURIComponent(value));
  return isIsbn(plain) ? `https://www.worldcat.org/isbn/${plain}` : undefined;
}

/** Returns the identifiers a person can follow: Hardcover first, then in the file's order, each once. */
export function presentIdentifiers(
  identifiers: readonly { scheme: string; value: string }[],
): PresentedIdentifier[] {
  const slug = identifiers.find(({ scheme }) => /^hardcover(-slug)?$/i.test(scheme))?.value;
  const normalised = identifiers.flatMap(({ scheme, value }) => {
    const key = scheme.toLowerCase();
    if (key === 'hardcover-slug') return [{ scheme: 'hardcover', value }];
    if (key === 'hardcover-edition')
      return slug === undefined ? [] : [{ scheme, value: `${slug}/editions/${value}` }];
    return [{ scheme, value }];
  });
  const isHardcover = ({ scheme }: { scheme: string }) => scheme.toLowerCase().startsWith('hardcover');
  const ordered = [...normalised.filter(isHardcover), ...normalised.filter((each) => !isHardcover(each))];
  const seen = new Set<string>();
  return ordered.flatMap(({ scheme, value }) => {
    const catalogue = Object.hasOwn(CATALOGUES, scheme.toLowerCase())
      ? CATALOGUES[scheme.toLowerCase()]
      : undefined;
    const key = `${scheme.toLowerCase()} ${value}`;
    if (catalogue === undefined || seen.has(key)) return [];
    seen.add(key);
    const url = catalogue.url?.(value.split('/').map(encodeURIComponent).join('/'));
    return [{ scheme, value, display_scheme: catalogue.name, ...(url === undefined ? {} : { url }) }];
  });
}
