// Gives the desk's page window.desktop: the few things only the app can do. It runs sandboxed, before the page.
import type { ContextBridge, IpcRenderer } from 'electron';

const { contextBridge, ipcRenderer } = require('electron') as {
  contextBridge: ContextBridge;
  ipcRenderer: IpcRenderer;
};

contextBridge.exposeInMainWorld('desktop', {
  /** The folder the person picked, null when they closed the picker. */
  pickFolder: (): Promise<string | null> => ipcRenderer.invoke('desk:pick-folder'),
  /** The file the person picked, null when they closed the picker. */
  pickStatisticsFile: (): Promise<string | null> => ipcRenderer.invoke('desk:pick-statistics-file'),
  /** A fresh one-time token for the desk. */
  deskToken: (): Promise<string> => ipcRenderer.invoke('desk:token'),
  /** Begins to end the server and start it again; the desk opens anew. */
  restart: (): Promise<void> => ipcRenderer.invoke('desk:restart'),
  version: (): Promise<string> => ipcRenderer.invoke('desk:version'),
});
