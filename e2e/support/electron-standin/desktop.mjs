// What asks something of a desktop: dialogs close as if by Escape, nothing is opened. Specs put their own in place.
import { existsSync, readFileSync } from 'node:fs';

export const dialog = {
  showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
  showMessageBox: async (...args) => ({ response: args.at(-1).cancelId ?? 0, checkboxChecked: false }),
  showErrorBox: (title, content) => {
    process.stderr.write(`${title}\n${content}\n`);
  },
};

export const shell = {
  openExternal: async () => {},
  openPath: async () => '',
};

export const nativeImage = {
  createFromPath: (path) => ({ isEmpty: () => !existsSync(path) || readFileSync(path).length === 0 }),
};
