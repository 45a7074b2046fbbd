// Names languages one way: the tag of BCP 47, whatever a book calls them.
import { fold } from './fold.ts';

/**
 * The tag of a language that is written as a tag in any spelling ("en_US", "zh_cn"), a code of ISO 639 of three letters
 * ("ger", "deu", "jpn"), a country's code where the language's was meant ("jp"), or its name in English or in itself
 * ("English", "Deutsch"); undefined for what names none.
 */
export function languageTag(written: string): string | undefined {
  // As POSIX names locales: de_DE.UTF-8, sr_RS@latin.
  const text = written
    .trim()
    .replaceAll('_', '-')
    .replace(/[.@].*$/, '');
  const [, main = '', rest = ''] = /^([a-z]{2,3})((?:-[a-z\d]+)*)$/i.exec(text) ?? [];
  if (main === '') return tagsByName().get(fold(written.replace(/\(.*$/, '')));
  try {
    return Intl.getCanonicalLocales((MISTAKEN[main.toLowerCase()] ?? main) + rest)[0];
  } catch {
    return Intl.getCanonicalLocales(MISTAKEN[main.toLowerCase()] ?? main)[0];
  }
}

/** The tag, or what is written where it names no language known here. */
export const languageOf = (written: string): string => languageTag(written) ?? written;

/** Whether a language is the wanted one or a kind of it: "en-GB" is "en", and "en" is not "en-GB". Both are tags. */
export const isLanguage = (tag: string, wanted: string): boolean => {
  const [a, b] = [tag.toLowerCase(), wanted.toLowerCase()];
  return a === b || a.startsWith(`${b}-`);
};

/** Codes of countries that are no language's. */
const MISTAKEN: Readonly<Record<string, string>> = {
  cn: 'zh', cz: 'cs', dk: 'da', gb: 'en', gr: 'el', jp: 'ja', kr: 'ko', ua: 'uk', us: 'en', vn: 'vi',
}; // prettier-ignore

let named: Map<string, string> | undefined;
/** The languages with a code of two letters, by their folded names. Asking for them takes a moment: not before it is needed. */
const tagsByName = (): Map<string, string> => (named ??= new Map(TWO_LETTERS.flatMap(namesOf)));

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const TWO_LETTERS = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

function namesOf(code: string): [name: string, code: string][] {
  const names = ['en', code].map((locale) =>
    new Intl.DisplayNames(locale, { type: 'language', fallback: 'none' }).of(code),
  );
  return names[0] === undefined
    ? []
    : names.flatMap((name) => (name === undefined ? [] : [[fold(name), code] satisfies [string, string]]));
}
