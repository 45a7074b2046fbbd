// Secrets that lie in files: whoever lists the programs of this computer sees their flags, not what is in them.
import { readFileSync } from 'node:fs';
import { askSecret } from './ask-secret.ts';
import { invalid } from '../base/errors.ts';
import { expandHome } from '../base/home-folder.ts';
import { OptionsError } from './command-line.ts';
import { SETTING_NAMES, settingNamed, Settings } from './settings.ts';

/** Settings that name a file, each with the secret that is in it. */
const FILES: readonly (readonly [string, string])[] = SETTING_NAMES.flatMap((name) => {
  const secret = settingNamed(name)?.holds;
  return secret === undefined ? [] : [[name, secret] as const];
});

/** Instead of a file: the person is asked in the terminal. */
const ASK = '-';

/** Returns what one place sets, with the secrets of its files. Throws OptionsError for a file that cannot be read. */
export function withSecretFiles(settings: Record<string, unknown>): Record<string, unknown> {
  const secrets: Record<string, unknown> = {};
  for (const [file, secret] of FILES) {
    const path = settings[file];
    if (typeof path === 'string' && path !== ASK && settings[secret] === undefined)
      secrets[secret] = readSecret(path);
  }
  return { ...settings, ...secrets };
}

/** Returns the options, once the person was asked for the password that is to be asked for. Throws invalid for a short one. */
export async function withAskedSecrets<Options extends Settings>(options: Options): Promise<Options> {
  if (options.koshelfPasswordFile !== ASK || options.koshelfPassword !== undefined) return options;
  const said = Settings.shape.koshelfPassword.safeParse(await askSecret('KoShelf password: '));
  if (!said.success)
    throw invalid(`The KoShelf password should be ${said.error.issues[0]?.message ?? 'another'}.`);
  return { ...options, koshelfPassword: said.data };
}

/** The file's text without the end of its line, as editors and `echo` leave it. */
function readSecret(path: string): string {
  try {
    return readFileSync(expandHome(path), 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new OptionsError(`The file ${path} with a secret cannot be read.`, { cause: error });
  }
}
