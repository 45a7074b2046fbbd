import { describe, expect, it } from 'vitest';
import { acceptBookChange } from '../../../../server/api/papyrus/books/accept.ts';

const book = { bookId: '0193b3f0-0000-7000-8000-000000000001', authors: ['Ann'] };

describe('a picture somebody names for the cover of a book', () => {
  it.each([
    `http://192.168.1.5:26260/api/v1/books/${book.bookId}/cover`,
    `https://books.example.org/v1/books/${book.bookId}/cover?size=large`,
  ])('is no news when it is the cover we serve, under any name: %s', (url) => {
    expect(acceptBookChange({ cover_image_url: url, rating: 4 }, book)).toEqual({ rating: 4 });
  });

  it.each([
    'https://covers.example/1.jpg',
    `https://books.example.org/api/v1/books/${book.bookId.replace(/1$/, '2')}/cover`,
    `https://covers.example/api/v1/books/${book.bookId}/cover/small`,
  ])('is their word else: %s', (url) => {
    expect(acceptBookChange({ cover_image_url: url }, book)).toEqual({ coverImageUrl: url });
  });

  it('is taken away by null', () => {
    expect(acceptBookChange({ cover_image_url: null }, book)).toEqual({ coverImageUrl: null });
  });
});
