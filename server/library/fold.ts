// Folds text so that case, accents and punctuation do not matter when books are sorted, searched or compared.

/** Lower case without accents, blanks collapsed: what lists sort by and search looks in. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** Only letters and digits of the folded text: two titles are the same when these are. */
export function foldTitle(title: string): string {
  return fold(title).replace(/[^\p{Letter}\p{Number}]+/gu, '');
}
