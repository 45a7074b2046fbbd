// Finds ISBNs among a book's identifiers. Wrong check digits are kept: people type what is printed.
import type { BookIdentifier } from '../formats/book.ts';

export type Isbns = { isbn?: string; isbn13?: string };

/** Digits (and a final X) of an ISBN as written, without "ISBN", blanks and hyphens. */
export function plainIsbn(written: string): string {
  return written
    .replace(/^\s*(urn:)?isbn(-1[03])?[:\s]*/i, '')
    .replace(/[\s\-‐-―]/g, '')
    .toUpperCase();
}

/** Returns the first ISBN-10 and the first ISBN-13 of the list. */
export function findIsbns(identifiers: readonly BookIdentifier[]): Isbns {
  const found: Isbns = {};
  for (const { scheme, value } of identifiers) {
    if (!/isbn/i.test(scheme) && !/^\s*(urn:)?isbn/i.test(value)) continue;
    const plain = plainIsbn(value);
    if (/^97[89]\d{10}$/.test(plain)) found.isbn13 ??= plain;
    else if (/^\d{9}[\dX]$/.test(plain)) found.isbn ??= plain;
  }
  return found;
}

/** The ISBN-13 of an ISBN-10 (ISO 2108: prefix 978, new check digit), or of itself. */
export function toIsbn13(plain: string): string {
  if (plain.length !== 10) return plain;
  const body = `978${plain.slice(0, 9)}`;
  const sum = Array.from(body).reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return `${body}${(10 - (sum % 10)) % 10}`;
}
