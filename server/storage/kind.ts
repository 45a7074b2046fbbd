// What a kind of storage is: what it is called, what it must know, which secrets it has, and how a place of it is opened.
import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../outbound/client.ts';
import type { StorageBackend } from './backend.ts';

/** What a person set up, and what a place may use. */
export type Opening<Options, Secret extends string> = {
  options: Options;
  /** Returns the secret, undefined when the person gave none. Throws unavailable when the secrets cannot be opened. */
  secret: (name: Secret) => Promise<string | undefined>;
  /** The folder there below which everything is kept; null for the place's own root. */
  basePath: string | null;
  outbound: Outbound;
  clock: Clock;
};

export type StorageKind = {
  /** How the API calls it. */
  kind: string;
  /** How people call it. */
  label: string;
  /** What it must and may know; keys beyond these are kept. */
  options: z.ZodObject;
  /** Names of all its secrets: given among the options they are kept with the secrets all the same. */
  secrets: readonly string[];
  /** Names of those it cannot do without. */
  requiredSecrets: readonly string[];
} & (
  | { keeps: 'here' }
  /** Files stay on the person's device; the server keeps none and asks nobody. */
  | { keeps: 'on_device' }
  /** Without `open` it can be set up, and nothing here speaks to it yet. */
  | { keeps: 'elsewhere'; open?: (opening: Opening<unknown, string>) => StorageBackend }
);

type Definition<Options extends z.ZodObject, Secret extends string> = {
  kind: string;
  label: string;
  options: Options;
  secrets?: readonly Secret[];
  requiredSecrets?: readonly NoInfer<Secret>[];
} & (
  | { keeps: 'here' | 'on_device' }
  | { keeps: 'elsewhere'; open?: (opening: Opening<z.output<Options>, NoInfer<Secret>>) => StorageBackend }
);

/** Returns the kind: what `open` is given is checked by the schema of its options, and asks only for secrets it names. */
export function defineStorageKind<Options extends z.ZodObject, const Secret extends string = never>(
  definition: Definition<Options, Secret>,
): StorageKind {
  const { secrets = [], requiredSecrets = [], kind, label, options } = definition;
  const described = { kind, label, options, secrets, requiredSecrets };
  if (definition.keeps !== 'elsewhere') return { ...described, keeps: definition.keeps };
  const { open } = definition;
  if (open === undefined) return { ...described, keeps: 'elsewhere' };
  return {
    ...described,
    keeps: 'elsewhere',
    open: (opening) => open({ ...opening, options: options.parse(opening.options) }),
  };
}
