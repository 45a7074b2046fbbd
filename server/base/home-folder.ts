// The folder a person's own files are in, which shells write as "~".
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the path with a leading "~" for what it stands for; other people's homes ("~ann") stay as they are. */
export const expandHome = (path: string): string =>
  path === '~' ? homedir() : /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
