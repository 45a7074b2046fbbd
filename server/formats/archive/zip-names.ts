// What the names in an archive may be, and how they are found again.

/** Whether a name is not that of a file inside the archive: absolute, upwards, empty or with a NUL. */
export const leadsOutside = (name: string): boolean =>
  name === '' ||
  name.startsWith('/') ||
  name.includes('\0') ||
  /^[a-z]:/i.test(name) ||
  (name.includes('..') && name.split('/').includes('..'));

/** A look-up among entries: the first of that name as it is or percent-decoded, else in any letter case and Unicode form. */
export const finder = <T extends { name: string }>(
  entries: readonly T[],
): ((name: string) => T | undefined) => {
  const exact = firstBy(entries, (name) => name);
  let folded: Map<string, T> | undefined;
  return (name) => {
    const found = exact.get(name);
    if (found) return found;
    const decoded = name.includes('%') ? percentDecode(name) : undefined;
    const decodedFound = decoded === undefined ? undefined : exact.get(decoded);
    if (decodedFound) return decodedFound;
    folded ??= firstBy(entries, fold);
    return folded.get(fold(name)) ?? (decoded === undefined ? undefined : folded.get(fold(decoded)));
  };
};

const fold = (name: string): string => name.normalize('NFC').toLowerCase();

const firstBy = <T extends { name: string }>(
  entries: readonly T[],
  key: (name: string) => string,
): Map<string, T> => {
  const map = new Map<string, T>();
  for (const entry of entries) {
    const name = key(entry.name);
    if (!map.has(name)) map.set(name, entry);
  }
  return map;
};

const percentDecode = (name: string): string | undefined => {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
};
