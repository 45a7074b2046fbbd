// Answers what the desk's page asks of the app. Only the top frame of our own window, on our own origin, is answered.
import { app, type BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';

export type BridgeParts = {
  window(): BrowserWindow | undefined;
  /** The server's origin and a fresh one-time link, undefined while it does not run. */
  origin(): string | undefined;
  newDeskUrl(): string | undefined;
  /** Begins to end the server and start it again. */
  restart(): void;
};

const NoArguments = z.tuple([]);

/** Registers the answers; the channels are those of preload.cts. */
export function answerBridge(parts: BridgeParts): void {
  answer(parts, 'desk:version', NoArguments, () => app.getVersion());
  answer(parts, 'desk:token', NoArguments, () => {
    const url = parts.newDeskUrl();
    if (url === undefined) throw new Error('The server is not running.');
    return new URL(url).searchParams.get('token');
  });
  answer(parts, 'desk:restart', NoArguments, () => parts.restart());
  answer(parts, 'desk:pick-folder', NoArguments, (window) =>
    pick(window, { title: 'Choose a folder with books', properties: ['openDirectory'] }),
  );
  answer(parts, 'desk:pick-statistics-file', NoArguments, (window) =>
    pick(window, {
      title: 'Choose KOReader’s statistics file',
      properties: ['openFile'],
      filters: [
        { name: 'KOReader statistics', extensions: ['sqlite3', 'sqlite', 'db'] },
        { name: 'All files', extensions: ['*'] },
      ],
    }),
  );
}

function answer<Arguments extends unknown[]>(
  parts: BridgeParts,
  channel: string,
  schema: z.ZodType<Arguments>,
  handle: (window: BrowserWindow, ...args: Arguments) => unknown,
): void {
  ipcMain.handle(channel, (event, ...args) => {
    const window = parts.window();
    if (window === undefined || !isOurPage(event, window, parts.origin())) {
      throw new Error('This page may not ask the app for anything.');
    }
    return handle(window, ...schema.parse(args));
  });
}

function isOurPage(event: IpcMainInvokeEvent, window: BrowserWindow, origin: string | undefined): boolean {
  const frame = event.senderFrame;
  return (
    origin !== undefined &&
    event.sender.id === window.webContents.id &&
    frame !== null &&
    frame.parent === null &&
    frame.origin === origin
  );
}

async function pick(window: BrowserWindow, options: Electron.OpenDialogOptions): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, options);
  return canceled ? null : (filePaths[0] ?? null);
}
