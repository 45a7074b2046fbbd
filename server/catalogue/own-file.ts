// Whether the library file is still where it was opened: a system lets a file be removed or moved under whoever writes to it,
// and what is written then is nowhere.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { unavailable } from '../base/errors.ts';

export type OwnFile = {
  /** Looks, and returns whether it is there. The first time it is not, what the file held is saved beside its place. */
  look(): boolean;
  /** Throws unavailable with a sentence while it was not there when it was looked for last. */
  check(): void;
};

/** Returns the verbs for the file this connection has just opened. */
export function keepOwnFile(client: Database.Database, path: string): OwnFile {
  const opened = identityOf(path);
  let sentence: string | undefined;
  return {
    look() {
      if (identityOf(path) === opened) sentence = undefined;
      else sentence ??= sentenceFor(path, save(client, path));
      return sentence === undefined;
    },
    check() {
      if (sentence !== undefined) throw unavailable(sentence);
    },
  };
}

/** For a connection that has no file. */
export const NO_FILE: OwnFile = { look: () => true, check: () => {} };

const sentenceFor = (path: string, saved: string | undefined): string =>
  [
    'The library file was moved or removed while Papyrus Shelf was running: nothing is taken in now.',
    ...(saved === undefined ? [] : [`What it held is saved as ${saved}.`]),
    `Put a library file back as ${path} and start Papyrus Shelf again.`,
  ].join(' ');

/** Which file is at the path; undefined when none is. Throws when that cannot be told. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/** Writes what the open file holds to a file that stays. Returns where, undefined when that cannot be done. */
function save(client: Database.Database, path: string): string | undefined {
  let count = 1;
  const named = () => join(dirname(path), `papyrus-shelf.saved-${count}.sqlite`);
  while (existsSync(named())) count += 1;
  try {
    client.prepare('vacuum into ?').run(named());
    return named();
  } catch {
    // The folder may be gone with the file.
    return undefined;
  }
}
