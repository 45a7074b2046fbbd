// One fact of one file: what we read, what other programs read, and whether the two are the same.

/** `explained`: differs as it should, see `why`. */
export type Verdict = 'same' | 'differs' | 'explained' | 'unsaid' | 'not read';

/** What a program says, ready to be compared and shown; undefined when it says nothing. */
export type Claim = { tool: string; value: string | undefined };

export type Comparison = {
  path: string;
  field: string;
  verdict: Verdict;
  ours: string | undefined;
  claims: Claim[];
  /** Whether a difference is a fault: checksums and KOReader's figures have one right value. */
  isExact: boolean;
  why?: string;
};

type Fact = { path: string; field: string; ours: string | undefined; claims: Claim[]; isExact?: boolean };

/**
 * Returns the comparison of one fact. The programs need not agree with each other: one that says the same as we do is
 * enough. `isSame` decides what is the same; without it, equal texts are.
 */
export function compare(
  { path, field, ours, claims, isExact = false }: Fact,
  isSame: (ours: string, theirs: string) => boolean = (a, b) => a === b,
): Comparison {
  const said = claims.filter(({ value }) => value !== undefined);
  const agrees = said.some(({ value }) => ours !== undefined && value !== undefined && isSame(ours, value));
  const verdict = said.length === 0 ? 'unsaid' : agrees ? 'same' : 'differs';
  return { path, field, verdict, ours, claims: said, isExact };
}

/** Returns the comparison of a fact of a file that we refuse. */
export const notRead = (path: string, field: string): Comparison => ({
  path,
  field,
  verdict: 'not read',
  ours: undefined,
  claims: [],
  isExact: false,
});

/** Returns texts compared without regard to Unicode composition and the amount of white space. */
export const isSameText = (ours: string, theirs: string): boolean => tidy(ours) === tidy(theirs);

/** Returns a text in composed form, white space as single spaces, none around it; undefined when nothing is left. */
export function said(text: unknown): string | undefined {
  if (typeof text !== 'string' && typeof text !== 'number') return undefined;
  return tidy(String(text)) || undefined;
}

const tidy = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim();
