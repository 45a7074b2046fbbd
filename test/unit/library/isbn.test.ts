import { describe, expect, it } from 'vitest';
import { findIsbns, plainIsbn, toIsbn13 } from '../../../server/library/isbn.ts';

const of = (...values: [scheme: string, value: string][]) => findIsbns(values.map(([scheme, value]) => ({ scheme, value }))); // prettier-ignore

describe('an ISBN as written', () => {
  it.each([
    ['978-0-14-143958-7', '9780141439587'],
    ['ISBN 0-14-143958-x', '014143958X'],
    ['urn:isbn:9780141439587', '9780141439587'],
    ['ISBN-13: 978 0141439587', '9780141439587'],
    ['978\u20110\u201114\u2011143958\u20117', '9780141439587'],
  ])('%j is %s', (written, plain) => {
    expect(plainIsbn(written)).toBe(plain);
  });
});

describe('the ISBNs of a list', () => {
  it('are the first of each length, known by scheme or by prefix', () => {
    expect(of(['uuid', '123'], ['ISBN', '978-0141439587'], ['isbn', '0141439580'], ['isbn', '9790000000000'])).toEqual({
      isbn13: '9780141439587', isbn: '0141439580',
    }); // prettier-ignore
    expect(of(['', 'urn:isbn:9780141439587'])).toEqual({ isbn13: '9780141439587' });
    expect(of(['dc', 'ISBN 014143958X'])).toEqual({ isbn: '014143958X' });
  });
  it('keep a wrong check digit: people type what is printed', () => {
    expect(of(['isbn', '1234567890'])).toEqual({ isbn: '1234567890' });
  });
  it('are none where there is only a number, another scheme or another length', () => {
    expect(
      of(
        ['uuid', '9780141439587'],
        ['asin', 'B000000000'],
        ['isbn', '97801414395'],
        ['isbn', '9770141439587'],
      ),
    ).toEqual({});
  });
});

describe('the ISBN-13 of an ISBN-10', () => {
  it.each([
    ['0306406152', '9780306406157'],
    ['014143958X', '9780141439587'],
    ['9780306406157', '9780306406157'],
  ])('%s is %s', (isbn, isbn13) => {
    expect(toIsbn13(isbn)).toBe(isbn13);
  });
});
