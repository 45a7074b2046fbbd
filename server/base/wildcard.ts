// Matches text with wildcards, in time that grows with the text alone.

/** Whether the text is these pieces in this order, the first at its beginning, the last at its end, anything between. */
export function matchesPieces(text: string, pieces: readonly string[]): boolean {
  const [first = ''] = pieces;
  if (pieces.length < 2) return text === first;
  const last = pieces.at(-1) ?? '';
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
