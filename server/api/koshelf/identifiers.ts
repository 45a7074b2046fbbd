// The catalogues a book's identifiers point to (KoShelf behaviour §1.9).

export type PresentedIdentifier = { scheme: string; value: string; display_scheme: string; url?: string };

const CATALOGUES: Record<string, { name: string; url?: (value: string) => string }> = {
  isbn: { name: 'ISBN', url: (value) => `https://www.worldcat.org/isbn/${value}` },
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

function amazon(value: string): string {
  return `https://www.amazon.com/dp/${value}`;
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
    const path = value.split('/').map(encodeURIComponent).join('/');
    return [
      {
        scheme,
        value,
        display_scheme: catalogue.name,
        ...(catalogue.url === undefined ? {} : { url: catalogue.url(path) }),
      },
    ];
  });
}
