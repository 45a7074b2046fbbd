import { describe, expect, it } from 'vitest';
import { matchFile } from '../../../server/library/match.ts';
import type { FileFacts, Known, KnownBook } from '../../../server/library/match.ts';

const file = (facts: Partial<FileFacts> = {}): FileFacts => ({
  title: 'Emma',
  titleIsOwn: true,
  language: 'en',
  ...facts,
});
const book = (bookId: string, facts: Partial<KnownBook> = {}): KnownBook => ({ bookId, ...file(), ...facts });
const known = (facts: Partial<Known> = {}): Known => ({
  samePartialMd5: undefined, sameSha256: undefined, sameIsbn: [], sameStem: [], sameSidecar: undefined, ...facts,
}); // prettier-ignore

describe('a file belongs to', () => {
  it('the book of the same checksum, before all other signs', () => {
    const all = known({
      samePartialMd5: 'md5',
      sameSha256: 'sha',
      sameIsbn: [book('isbn')],
      sameStem: [book('stem')],
    });
    expect(matchFile(file(), all)).toBe('md5');
    expect(matchFile(file(), { ...all, samePartialMd5: undefined })).toBe('sha');
    expect(matchFile(file(), { ...all, samePartialMd5: undefined, sameSha256: undefined })).toBe('isbn');
    expect(matchFile(file(), known({ sameStem: [book('stem')] }))).toBe('stem');
    expect(matchFile(file(), known())).toBeUndefined();
  });

  it('the book of the same checksum whatever it is called', () => {
    const other = { title: 'Other', language: 'fr' };
    expect(matchFile(file(other), known({ samePartialMd5: 'md5' }))).toBe('md5');
    expect(matchFile(file(other), known({ sameSha256: 'sha' }))).toBe('sha');
  });
});

describe('the same ISBN', () => {
  it('joins under the same title and language, however they are written', () => {
    expect(
      matchFile(
        file({ title: 'EMMA!', language: 'en-GB' }),
        known({ sameIsbn: [book('a', { language: 'EN_us' })] }),
      ),
    ).toBe('a');
    expect(
      matchFile(
        file({ title: 'Les Misérables' }),
        known({ sameIsbn: [book('a', { title: 'les miserables' })] }),
      ),
    ).toBe('a');
  });

  it('joins when one of the two does not say its language', () => {
    expect(matchFile(file({ language: undefined }), known({ sameIsbn: [book('a')] }))).toBe('a');
    expect(matchFile(file(), known({ sameIsbn: [book('a', { language: undefined })] }))).toBe('a');
  });

  it('does not join volumes under another title or translations', () => {
    expect(matchFile(file({ title: 'Emma, volume 2' }), known({ sameIsbn: [book('a')] }))).toBeUndefined();
    expect(matchFile(file({ language: 'de' }), known({ sameIsbn: [book('a')] }))).toBeUndefined();
  });

  it('joins the first that fits', () => {
    const sameIsbn = [
      book('volume', { title: 'Emma 2' }),
      book('german', { language: 'de' }),
      book('b'),
      book('c'),
    ];
    expect(matchFile(file(), known({ sameIsbn }))).toBe('b');
  });
});

describe('another format beside it under the same name', () => {
  it('joins under the same title', () => {
    expect(matchFile(file({ language: 'de' }), known({ sameStem: [book('a')] }))).toBe('a');
  });

  it('joins when one of the two has no title of its own', () => {
    expect(
      matchFile(file({ title: 'emma final', titleIsOwn: false }), known({ sameStem: [book('a')] })),
    ).toBe('a');
    expect(
      matchFile(file(), known({ sameStem: [book('a', { title: 'emma final', titleIsOwn: false })] })),
    ).toBe('a');
  });

  it('does not join two that call themselves differently', () => {
    expect(matchFile(file(), known({ sameStem: [book('a', { title: 'Persuasion' })] }))).toBeUndefined();
  });
});
