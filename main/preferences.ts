// What the person chose for this computer, in preferences.json of the app's own folder.
import { renameSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { app } from 'electron';
import Store from 'electron-store';
import { z } from 'zod';

const AbsolutePath = z.string().max(4096).refine(isAbsolute, 'must be a full path');

const Preferences = z.object({
  /** Null for the usual place. */
  dataDir: AbsolutePath.nullable().default(null),
  /** Null for the usual port; 0 takes any free one. */
  port: z.int().min(0).max(65_535).nullable().default(null),
  libraryFolders: z.array(AbsolutePath).default([]),
  statisticsFiles: z.array(AbsolutePath).default([]),
  openAtLogin: z.boolean().default(false),
});
export type Preferences = z.infer<typeof Preferences>;

export type OpenPreferences = {
  /** Where they are kept. */
  file: string;
  /** A sentence for the person when the file could not be used and was put aside. */
  notice: string | undefined;
  /** Reads them anew. */
  read(): Preferences;
  change(changed: Partial<Preferences>): void;
};

/** Opens the preferences; a file that cannot be understood is kept under another name and the defaults hold. */
export function openPreferences(): OpenPreferences {
  const file = join(app.getPath('userData'), 'preferences.json');
  let store: Store;
  let notice: string | undefined;
  try {
    store = openStore();
    Preferences.parse(store.store);
  } catch {
    const aside = join(app.getPath('userData'), `preferences.broken-${Date.now()}.json`);
    renameSync(file, aside);
    store = openStore();
    notice = `The preferences could not be read, so the usual ones are used. The old file is kept as ${basename(aside)} in ${app.getPath('userData')}.`;
  }
  return {
    file,
    notice,
    read: () => Preferences.parse(store.store),
    change: (changed) => store.set(changed),
  };
}

function openStore(): Store {
  return new Store({ name: 'preferences', accessPropertiesByDotNotation: false });
}
