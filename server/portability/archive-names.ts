// Names of files inside an archive: readable, allowed on every system, each one once.

/** Bytes of UTF-8 most file systems take for a name, less what a number and an ending need. */
const MAX_BYTES = 180;

/** Names Windows keeps for devices, with any ending (Microsoft, "Naming Files, Paths, and Namespaces"). */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Returns the text as a part of a file name: no separators, no control or reserved characters, no hidden or endless ones. */
export function safeName(text: string): string {
  const plain = text
    .toWellFormed()
    .normalize('NFC')
    // Besides what file systems forbid: marks that turn the direction of writing hide what a file is.
    .replace(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/\s+/g, ' ');
  const short = cut(plain, MAX_BYTES).replace(/^[. ]+|[. ]+$/g, '');
  return DEVICES.test(short) ? `_${short}` : short;
}

/** Returns a function that gives each book's file its name: "Author - Title.ext", numbered where that is taken. */
export function createNames(taken: Iterable<string> = []) {
  // Some systems take two names that differ in case, or in how an accent is written, for one.
  const used = new Set([...taken].map(keyOf));
  return (book: { author: string | undefined; title: string }, ending: string): string => {
    const words = [book.author, book.title].filter((word) => word !== undefined && word !== '').join(' - ');
    const safe = safeName(words);
    const stem = safe === '' ? 'Untitled' : safe;
    for (let number = 1; ; number++) {
      const name = `${stem}${number === 1 ? '' : ` (${number})`}${ending}`;
      // Its description lies beside it under the same name.
      const keys = [keyOf(name), keyOf(`${name}.json`)];
      if (keys.some((key) => used.has(key))) continue;
      for (const key of keys) used.add(key);
      return name;
    }
  };
}

const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();

/** The longest beginning of whole characters that fits. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
