// What measured values amount to, and the table they are shown in.

export type Figure = {
  /** What was measured: "first scan of EPUBs". */
  name: string;
  unit: string;
  /** Of the samples of all runs. */
  median: number;
  min: number;
  max: number;
  runs: number;
  /** What the program aims at, and whether the median reaches it. */
  aim?: { atMost: number } | { atLeast: number };
  isReached?: boolean;
};

type Samples = { name: string; unit: string; samples: readonly number[]; aim?: Figure['aim'] };

/** Returns the figure of some samples. Throws RangeError without any. */
export function figureOf({ name, unit, samples, aim }: Samples): Figure {
  if (samples.length === 0) throw new RangeError(`${name} was not measured.`);
  const median = quantile(samples, 0.5);
  const isReached = aim && ('atMost' in aim ? median <= aim.atMost : median >= aim.atLeast);
  return {
    name,
    unit,
    median,
    min: Math.min(...samples),
    max: Math.max(...samples),
    runs: samples.length,
    ...(aim && { aim }),
    ...(isReached !== undefined && { isReached }),
  };
}

/** Returns the value that the given part (0–1) of the samples does not exceed. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * part) - 1))] ?? Number.NaN;
}

/** Returns one line of a table for a figure. */
export function figureLine({ name, unit, median, min, max, runs, aim, isReached }: Figure): string {
  const wanted =
    aim === undefined ? '' : 'atMost' in aim ? `≤ ${shown(aim.atMost)}` : `≥ ${shown(aim.atLeast)}`;
  const verdict = isReached === undefined ? '' : isReached ? 'reached' : 'MISSED';
  const range = `${shown(min)}–${shown(max)} (${runs})`;
  return `${name.padEnd(58)}${shown(median).padStart(9)} ${unit.padEnd(8)}${range.padEnd(24)}${wanted.padEnd(8)}${verdict}`.trimEnd();
}

/** The heading over such lines. */
export const figureHeading = `${''.padEnd(58)}${'median'.padStart(9)} ${''.padEnd(8)}${'range (samples)'.padEnd(24)}aim`;

const shown = (value: number): string =>
  Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2).replace(/\.00$/, '');
