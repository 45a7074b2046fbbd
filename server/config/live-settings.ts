// The settings as they are now: what was given at the start, with what the desk changed since. A change is written into the
// config file first.
import { conflict, invalid, unavailable } from '../base/errors.ts';
import { configFileIn, readConfigFile, writeConfigFile } from './config-file.ts';
import type { ServerOptions } from './options.ts';
import { SETTING_GROUPS } from './setting-row.ts';
import { SETTING_NAMES, settingNamed, Settings } from './settings.ts';
import type { Given, SettingName } from './settings.ts';

/** A setting the desk can change. */
export type ShownSetting = {
  name: SettingName;
  /** The heading it stands under. */
  group: string;
  label: string;
  /** A sentence beside the field; empty where the label says it all. */
  hint: string;
  /** A text, or whether a switch is on. */
  value: string | boolean;
  /** What it is when nobody says anything. */
  usual: string | boolean;
  choices: readonly string[];
  /** The flag or variable that says it, null when the desk may. */
  givenBy: string | null;
};

export type LiveSettings = ReturnType<typeof createLiveSettings>;

type Parts = { options: ServerOptions; given?: Given | undefined; defaults: ServerOptions };

/** Returns the verbs of settings. */
export function createLiveSettings({ options, given = {}, defaults }: Parts) {
  /** One object for as long as the server runs: who asks it for a setting gets what it is then. */
  const now: ServerOptions = { ...options };
  const listeners = new Set<(names: ReadonlySet<SettingName>) => void>();
  let revision = 0;
  const file = configFileIn(options.dataDir);

  return {
    options: now as Readonly<ServerOptions>,

    /** Another number whenever something was changed. */
    revision: (): number => revision,

    /** Returns the settings the desk can change, in the order of `--help`. */
    list: (): ShownSetting[] =>
      SETTING_NAMES.flatMap((name) => {
        const row = settingNamed(name);
        if (row?.desk === undefined) return [];
        const { label, hint = '', choices = [], show = asText } = row.desk;
        return [
          {
            name,
            group: SETTING_GROUPS[row.group],
            label,
            hint,
            value: typeof now[name] === 'boolean' ? now[name] : show(now[name]),
            usual: typeof defaults[name] === 'boolean' ? defaults[name] : show(defaults[name]),
            choices,
            givenBy: given[name] ?? null,
          },
        ];
      }),

    /**
     * Changes settings; null makes one what it is when nobody says anything. Throws invalid with what is wrong by name, conflict
     * for what a flag or a variable says, unavailable when the config file cannot be read or written; nothing is changed then.
     */
    change(values: Readonly<Record<string, unknown>>): void {
      const changed = parsed(values, given, defaults);
      const names = Object.keys(changed) as SettingName[];
      if (names.length === 0) return;
      const content = contentOf(file);
      for (const name of names) {
        if (values[name] === null) delete content[name];
        else content[name] = changed[name];
      }
      try {
        writeConfigFile(file, content);
      } catch (error) {
        throw unavailable('The configuration file of the data folder cannot be written.', { cause: error });
      }
      Object.assign(now, changed);
      revision += 1;
      for (const listener of listeners) listener(new Set(names));
    },

    /** Calls the listener with what was changed; stops when the returned function is called. */
    onChange(listener: (names: ReadonlySet<SettingName>) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** What is to be, checked by the rows' own schemas. */
function parsed(
  values: Readonly<Record<string, unknown>>,
  given: Given,
  defaults: ServerOptions,
): Partial<ServerOptions> {
  const fields: Record<string, string> = {};
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const row = settingNamed(name);
    const by = given[name as SettingName];
    if (row?.desk === undefined) fields[name] = 'cannot be changed here';
    else if (by !== undefined)
      throw conflict(
        `${row.desk.label}: this was given as ${by} when the server was started. Change it there.`,
      );
    else if (value === null) changed[name] = defaults[name as SettingName];
    else {
      const result = Settings.shape[name as SettingName].safeParse(value);
      if (result.success) changed[name] = result.data;
      else fields[name] = `should be ${result.error.issues[0]?.message ?? 'something else'}`;
    }
  }
  const wrong = Object.keys(fields);
  if (wrong.length === 0) return changed;
  const first = settingNamed(wrong[0]!)?.desk?.label ?? wrong[0];
  throw invalid(`${first} ${fields[wrong[0]!]}.`, { details: { fields } });
}

/** Throws unavailable for a file that is no JSON object. */
function contentOf(path: string): Record<string, unknown> {
  try {
    return readConfigFile(path);
  } catch (error) {
    throw unavailable('The configuration file of the data folder cannot be read. Mend it first.', {
      cause: error,
    });
  }
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
