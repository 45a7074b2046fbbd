// Folds text so that case and accents do not matter when things are sorted, searched or compared.

/** Lower case without accents, blanks collapsed: what lists sort by and search looks in. */
export function fold(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKD').replace(/\p{Mark}+/gu, '');
  return plain.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Most text is: there is nothing to take apart in it. */
const ASCII = /^[ -~]*$/;
