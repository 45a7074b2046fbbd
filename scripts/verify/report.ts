// Prints comparisons: a table of counts by field, then every difference on a line.
import type { Comparison, Verdict } from './comparison.ts';

const VERDICTS: Verdict[] = ['same', 'differs', 'explained', 'unsaid', 'not read'];
const LONGEST = 160;

/** Returns a table with a line for each field, in the order fields come, and how many files have each verdict. */
export function verdictTable(comparisons: readonly Comparison[]): string {
  const fields = [...Map.groupBy(comparisons, ({ field }) => field)];
  const width = Math.max(...fields.map(([field]) => field.length), 5);
  const line = (name: string, cells: string[]) =>
    `${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}\n`;
  const rows = fields.map(([field, all]) =>
    line(
      field,
      VERDICTS.map((verdict) => all.filter((each) => each.verdict === verdict).length.toString()),
    ),
  );
  return line('field', VERDICTS) + rows.join('');
}

/** Returns a line for each difference, or each explained one: path · field · ours · theirs (tool), and why. */
export const differenceLines = (
  comparisons: readonly Comparison[],
  which: 'differs' | 'explained' = 'differs',
): string =>
  comparisons
    .filter(({ verdict }) => verdict === which)
    .map(({ path, field, ours, claims, why }) => {
      const theirs = [...Map.groupBy(claims, ({ value }) => value ?? '')]
        .map(([value, by]) => `${short(value)} (${[...new Set(by.map(({ tool }) => tool))].join(', ')})`)
        .join(' / ');
      return `${path} · ${field} · ${short(ours ?? '—')} · ${theirs}${why === undefined ? '' : ` · ${why}`}\n`;
    })
    .join('');

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
