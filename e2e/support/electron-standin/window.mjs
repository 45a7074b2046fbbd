// Electron's BrowserWindow: a page of the browser, with a visibility that is only remembered.
import { EventEmitter } from 'node:events';
import { app, openWindows } from './app.mjs';
import { createEvent } from './event.mjs';
import { WebContents } from './web-contents.mjs';

export class BrowserWindow extends EventEmitter {
  #isVisible;
  #isMinimized = false;
  #isDestroyed = false;

  static getAllWindows() {
    return [...openWindows.values()];
  }

  constructor({ width = 800, height = 600, show = true, webPreferences = {} } = {}) {
    super();
    this.#isVisible = show;
    this.webContents = new WebContents({ preload: webPreferences.preload, width, height });
    this.id = this.webContents.id;
    this.webContents.on('first-load', () => this.emit('ready-to-show', createEvent()));
    openWindows.set(this.id, this);
  }

  loadURL(url) {
    return this.webContents.loadURL(url);
  }

  show() {
    this.#isVisible = true;
    this.emit('show', createEvent());
    this.focus();
  }

  focus() {
    this.emit('focus', createEvent());
  }

  minimize() {
    this.#isMinimized = true;
  }

  restore() {
    this.#isMinimized = false;
  }

  isVisible() {
    return this.#isVisible;
  }

  isMinimized() {
    return this.#isMinimized;
  }

  close() {
    const event = createEvent();
    this.emit('close', event);
    if (event.defaultPrevented || this.#isDestroyed) return;
    this.#isDestroyed = true;
    openWindows.delete(this.id);
    this.webContents.destroy();
    this.emit('closed', createEvent());
    if (openWindows.size === 0) app.lastWindowClosed();
  }
}
