// How deep a value of JSON may be: whoever walks through a deeper one runs out of stack.

/** Deeper than anything an app keeps. */
export const MOST_LEVELS = 32;
export const TOO_DEEP = `at most ${MOST_LEVELS} levels deep`;

/** Whether lists and objects lie in each other more than so many levels deep. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
