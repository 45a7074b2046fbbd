import { expect, it } from 'vitest';
import { presentIdentifiers } from '../../../../server/api/koshelf/identifiers.ts';

it.each([
  ['isbn', '978-0-306-40615-7', 'https://www.worldcat.org/isbn/9780306406157'],
  ['ISBN', '0-306-40615-2', 'https://www.worldcat.org/isbn/0306406152'],
  ['isbn', 'urn:isbn:9780306406157', 'https://www.worldcat.org/isbn/9780306406157'],
  ['isbn', '9780306406158', undefined],
  ['isbn', 'B000FA64PK', undefined],
  ['isbn', 'none', undefined],
  ['mobi-asin', 'B000FA64PK', 'https://www.amazon.com/dp/B000FA64PK'],
  ['asin', 'b000fa64pk', 'https://www.amazon.com/dp/B000FA64PK'],
  ['amazon', '0306406152', 'https://www.amazon.com/dp/0306406152'],
  ['mobi-asin', '0c3fa0e1-5a1b-4c5e-8f00-000000000000', undefined],
  ['asin', 'B000', undefined],
])('links %s %s to %s', (scheme, value, url) => {
  const [shown] = presentIdentifiers([{ scheme, value }]);
  expect(shown).toMatchObject({ scheme, value });
  expect(shown?.url).toBe(url);
});
