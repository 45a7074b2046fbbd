// Folds text so that case and accents do not matter when things are sorted, searched or compared.

/** Lower case without accents, blanks collapsed: what lists sort by and search looks in. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
