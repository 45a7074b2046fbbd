// What the values of settings look like, in the words of flags, the environment, the config file and forms.
import { z } from 'zod';
import { isNetwork } from '../http/forwarded.ts';
import { readLimits } from '../http/rate-limit.ts';

export const DAY_SEC = 86_400;
const RATES = 'off, or numbers a minute such as authentication=5,general=100,upload=10,batch=20';
const NETWORK = 'address ranges such as 10.0.0.0/8, each with its prefix length';

export const Port = z.coerce
  .number('a whole number')
  .int('a whole number')
  .min(0, '0 or more')
  .max(65_535, 'at most 65535');

export const Flag = z.union(
  [z.boolean(), z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1')],
  'true or false',
);

const DAY_TIME = 'a time such as 30s or 1h30m, a day at most, or off';
/** The least reading of a day: seconds, or what KoShelf's own option takes; null for off. */
export const DayTime = z.preprocess(
  (value) => (typeof value === 'string' ? secondsOf(value) : value),
  z.int(DAY_TIME).min(1, DAY_TIME).max(DAY_SEC, DAY_TIME).nullable(),
);

const DAY_PAGES = 'a number of pages, or off';
/** Null for off. */
export const DayPages = z.preprocess(
  (value) => (value === 'off' ? null : typeof value === 'string' && value !== '' ? Number(value) : value),
  z.int(DAY_PAGES).min(1, DAY_PAGES).nullable(),
);

/** A path as somebody writes it. */
export const Path = z.string('a path').trim().min(1, 'a path').max(4096);
export const Paths = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(Path));

/** One value a text, or several with commas between them. */
const separated =
  (change: (part: string) => string = (part) => part) =>
  (value: unknown) =>
    [value]
      .flat()
      .flatMap((each: unknown) =>
        typeof each === 'string' ? each.split(',').map((part) => change(part.trim())) : [each],
      )
      .filter((part) => part !== '');

export const Networks = z.preprocess(separated(), z.array(z.string(NETWORK).refine(isNetwork, NETWORK)));

/** `off`, or some classes with their numbers; the others keep the documented ones. */
export const RateLimits = z.unknown().transform((value, context) => {
  const limits = readLimits(value);
  if (limits !== undefined) return limits;
  context.addIssue(RATES);
  return z.NEVER;
});

export const Secret = z.string().min(1, 'not empty').max(1024, 'at most 1024 characters');

/** A scheme, a host and perhaps a port: where others find this server. */
export const Origin = z
  .url({ protocol: /^https?$/, error: 'an address such as https://books.example.org' })
  .refine(
    (url) => !URL.canParse(url) || new URL(url).href === `${new URL(url).origin}/`,
    'an address without a path',
  )
  .transform((url) => new URL(url).origin);
export const Origins = z.preprocess(separated(), z.array(Origin));

/** Words without case. */
export const Words = z.preprocess(
  separated((word) => word.toLowerCase()),
  z.array(z.string().max(255)),
);

/** HH:MM; `example` is told to who writes another thing. */
export const timeOfDay = (example: string) =>
  z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, `a time such as ${example}`);

/** One of these words. */
export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `one of ${names.join(', ')}`);

export const BackupCount = z.coerce
  .number('a number')
  .int('a whole number')
  .min(1, 'at least 1')
  .max(366, 'at most 366');

/** Seconds of "1h30m" and the like, null for off; the text itself when it is none of these. */
function secondsOf(time: string): number | null | string {
  if (/^(off|auto)$/i.test(time.trim())) return null;
  if (!/^\s*(\d+\s*(h|min|m|s)\s*)+$/i.test(time)) return time;
  const seconds: Record<string, number> = { h: 3600, m: 60, min: 60, s: 1 };
  return [...time.toLowerCase().matchAll(/(\d+)\s*(h|min|m|s)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (seconds[unit] ?? 0),
    0,
  );
}

/** Seconds as `secondsOf` reads them: 5400 is 1h30m, null is off. */
export function timeInWords(seconds: unknown): string {
  if (typeof seconds !== 'number') return 'off';
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0s';
}
