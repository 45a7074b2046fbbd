// The module 'electron' as the main process sees it, as far as the app and its specs use it.
import { app } from './app.mjs';
import { dialog, nativeImage, shell } from './desktop.mjs';
import { ipcMain } from './ipc.mjs';
import { Menu, Tray } from './menu.mjs';
import { session } from './session.mjs';
import { BrowserWindow } from './window.mjs';

export { app, BrowserWindow, dialog, ipcMain, Menu, nativeImage, session, shell, Tray };
export default { app, BrowserWindow, dialog, ipcMain, Menu, nativeImage, session, shell, Tray };
