// One name in two forms of Unicode: macOS writes an é as two characters, most other systems as one.

/**
 * Returns a path with its names composed (Unicode NFC); undefined when it is composed already, or is no valid UTF-8 and
 * has no other form.
 */
export function composed(path: Buffer): Buffer | undefined {
  if (path.every((byte) => byte < 0x80)) return undefined;
  const text = path.toString();
  const other = text.normalize('NFC');
  return other === text || !Buffer.from(text).equals(path) ? undefined : Buffer.from(other);
}

/** Returns what two paths have in common that differ in nothing but the form of their names. */
export const nameKey = (path: Buffer): Buffer => composed(path) ?? path;

/** Returns a name as it is, composed and decomposed, each once. */
export const formsOf = (name: string): string[] => [
  ...new Set([name, name.normalize('NFC'), name.normalize('NFD')]),
];
