// Folds text so that case, accents and the shapes of quotes and dashes do not matter when things are sorted, searched or compared.

/** Raised when fold gives another answer for any text: what is kept folded is folded anew when the program opens. */
export const FOLD_VERSION = 2;

/**
 * Lower case, blanks collapsed, letters of Latin by their plain ones (ł is l, æ is ae), one kind of quote and of dash:
 * what lists sort by and search looks in. Marks go where they are accents (Latin, Greek, Cyrillic) or optional (Hebrew,
 * Arabic); where they are letters (Devanagari, Thai, kana) they stay. Folding again changes nothing.
 */
export function fold(text: string): string {
  return (ASCII.test(text) ? text.toLowerCase() : plain(text)).replace(/\s+/g, ' ').trim();
}

/** Most text is: there is nothing to take apart in it. */
const ASCII = /^[ -~]*$/;

const plain = (text: string): string =>
  text
    // A sign that stands alone would be taken apart into a blank and an accent.
    .replace(/[´΄᾽᾿῾]/g, "'")
    .normalize('NFKD')
    .replace(UNHEARD, '')
    .toLowerCase()
    .replace(WRITTEN_OTHERWISE, (letter) => PLAIN[letter] ?? '-')
    .normalize('NFC');

/** Accents, vowel points, stretched Arabic, and what cannot be seen: soft hyphens, joiners, variation selectors. */
const UNHEARD =
  /[[[\p{Mark}&&[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}]]--[\u3099\u309a]]\u0640\p{Default_Ignorable_Code_Point}]+/gv;

/** Letters that Unicode does not take apart, as those write them who do not have them (CLDR, Latin-ASCII), and quotes. */
const PLAIN: Readonly<Record<string, string>> = {
  æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th', ð: 'd', đ: 'd', ł: 'l', ø: 'o', ı: 'i', ħ: 'h', ŧ: 't', ŋ: 'n', ĸ: 'q', ə: 'e',
  ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y', ɖ: 'd', ƒ: 'f', ɛ: 'e', ɔ: 'o', ƀ: 'b', ɨ: 'i', ʉ: 'u', ȷ: 'j', ς: 'σ',
  ...Object.fromEntries(Array.from('‘’‚‛‹›ʹʻʼʽˈ′`', (quote) => [quote, "'"])),
  ...Object.fromEntries(Array.from('“”„‟«»', (quote) => [quote, '"'])),
}; // prettier-ignore
/** Those, hyphens (Armenian and Hebrew ones too), dashes and the minus. */
const WRITTEN_OTHERWISE = new RegExp(
  `[${Object.keys(PLAIN).join('')}\u058a\u05be\u2010-\u2015\u2053\u2212\u2e3a\u2e3b\u2e40]`,
  'g',
);
