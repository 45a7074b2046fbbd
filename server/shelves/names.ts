// When two names of shelves, tags or series are the same to a person. Pure.

/** Whether two names differ by case or by the way their accents are written only. SQLite's lower() knows ASCII alone. */
export const sameName = (a: string, b: string): boolean => keyOf(a) === keyOf(b);

const keyOf = (name: string) => name.normalize('NFC').toLowerCase();
