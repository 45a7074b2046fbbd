import { describe, expect, it } from 'vitest';
import { isLanguage, languageOf, languageTag } from '../../../server/base/language.ts';

describe('the tag of a language', () => {
  it.each([
    ['en_US', 'en-US'],
    ['zh_cn', 'zh-CN'],
    ['zh-hans-cn', 'zh-Hans-CN'],
    ['eng', 'en'],
    ['ger', 'de'],
    ['deu', 'de'],
    ['fre', 'fr'],
    ['jpn', 'ja'],
    ['English', 'en'],
    ['ENGLISH (US)', 'en'],
    ['Deutsch', 'de'],
    ['français', 'fr'],
    ['Русский', 'ru'],
    ['日本語', 'ja'],
    ['jp', 'ja'],
    ['de_DE.UTF-8', 'de-DE'],
    ['und', 'und'],
    [' pl ', 'pl'],
  ])('of %j is %j', (written, tag) => {
    expect(languageTag(written)).toBe(tag);
    expect(languageTag(tag)).toBe(tag);
  });

  it.each(['Klingon', 'x-foo', '1', '', 'en us and more'])(
    'of %j is not known, and it stays as it is',
    (written) => {
      expect(languageTag(written)).toBeUndefined();
      expect(languageOf(written)).toBe(written);
    },
  );

  it('is a kind of a shorter one', () => {
    expect(isLanguage('en-GB', 'en')).toBe(true);
    expect(isLanguage('en', 'en-GB')).toBe(false);
    expect(isLanguage('eno', 'en')).toBe(false);
  });
});
