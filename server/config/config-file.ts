// The config file of a data folder.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../base/write-whole.ts';

/** Returns where the config file of a data folder is. */
export const configFileIn = (dataDir: string): string => join(dataDir, 'config.json');

/** Returns what the file says, not yet checked; nothing when there is none. Throws for one that is no JSON object. */
export function readConfigFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Puts these settings in the file's place. Throws what the file system says. */
export const writeConfigFile = (path: string, content: Record<string, unknown>): void =>
  writeWhole(path, `${JSON.stringify(content, null, 2)}\n`, { durable: true });
