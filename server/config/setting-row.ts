// What a setting is: how it is said, what it may be, and who may change it.
import type { z } from 'zod';

/** What `--help` shows together, in its order. */
export const SETTING_GROUPS = {
  library: 'Your books',
  koreader: "KOReader's files",
  reading: 'How reading is counted',
  network: 'The network',
  koshelf: 'The KoShelf API',
  accounts: 'Accounts, letters and sign-in',
  backups: 'Backups',
  running: 'While it runs',
} as const;

export type SettingRow<Schema extends z.ZodType = z.ZodType> = {
  /** On the command line; the environment's name follows from it. */
  flag: string;
  group: keyof typeof SETTING_GROUPS;
  schema: Schema;
  /** When nobody says anything; a setting without one may be left out, the data folder is the system's. */
  default?: z.output<Schema>;
  /** What follows the flag; without one it is said or denied (--no-…). */
  value?: string;
  /** May be given several times; paths are separated in the environment as in PATH. */
  list?: 'paths' | 'words';
  /** Becomes an absolute path. */
  isPath?: true;
  /** Never a flag: everybody on the computer would see it. */
  isSecret?: true;
  /** `--no-…` takes away what was kept. */
  canBeTakenAway?: true;
  /** A file with this secret in it. */
  holds?: string;
  help: string;
  /** Can be changed from the desk while the server runs. */
  desk?: {
    label: string;
    /** A sentence beside the field. */
    hint?: string;
    choices?: readonly string[];
    /** The value as a person writes it. */
    show?: (value: unknown) => string;
  };
};

/** Returns the row, its default as its schema has it. */
export const setting = <Schema extends z.ZodType>(row: SettingRow<Schema>) => row;
