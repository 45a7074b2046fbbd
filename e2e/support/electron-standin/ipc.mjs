// Electron's `ipcMain`, as far as pages that invoke handlers need it.
import { EventEmitter } from 'node:events';
import { createEvent } from './event.mjs';

const handlers = new Map();

class IpcMain extends EventEmitter {
  handle(channel, handler) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  }
}
export const ipcMain = new IpcMain();

/** Runs the handler of a channel for the top frame of `sender` and returns what goes back to the page. */
export async function answerInvoke(sender, { id, channel, args }) {
  try {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    const url = sender.getURL();
    const senderFrame = { url, origin: new URL(url).origin, parent: null };
    return { id, value: await handler(createEvent({ sender, senderFrame }), ...args) };
  } catch (error) {
    return { id, error: String(error) };
  }
}
