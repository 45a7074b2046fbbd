import { describe, expect, it } from 'vitest';
import { agreedFormat } from '../../../server/files/upload-formats.ts';

describe('the format of an uploaded file', () => {
  it.each([
    ['a.epub', 'epub', 'epub'],
    ['A.EPUB', 'epub', 'epub'],
    ['a.kepub.epub', 'epub', 'epub'],
    ['a.fb2.zip', 'fb2', 'fb2'],
    ['a.mobi', 'azw3', 'azw3'],
    ['a.azw3', 'mobi', 'mobi'],
    ['a.cbr', 'cbz', 'cbz'],
    ['a.zip', 'fb2', 'fb2'],
    ['a.rar', 'cbr', 'cbr'],
  ] as const)('of %s with %s inside is %s', (name, inside, format) => {
    expect(agreedFormat(name, inside)).toBe(format);
  });

  it.each([
    ['a.epub', 'pdf', 'The file is named as EPUB but is PDF. Give it the right ending and try again.'],
    ['a.epub', undefined, 'The file is named as EPUB but is not one.'],
    ['a.zip', undefined, 'The file is named as ZIP but there is no book in it.'],
    ['a.zip', 'pdf', 'The file is named as ZIP but is PDF. Give it the right ending and try again.'],
    ['a', 'txt', expect.stringMatching(/^Files of this kind are not taken. EPUB, PDF, .+ and [A-Z]+ are\.$/)],
    ['a.txt', 'epub', 'The file is named as TXT but is EPUB. Give it the right ending and try again.'],
  ] as const)('of %s with %s inside is refused', (name, inside, message) => {
    expect(() => agreedFormat(name, inside)).toThrow(
      expect.objectContaining({ kind: 'unsupported', message }),
    );
  });
});
