// What runs in a page before its own scripts: it gives the preload script its `require('electron')`.

/** Runs in the page, from its source text. `binding` names the function that carries text to the app. */
export function pageSide(binding, deliver, preload) {
  // Electron runs preloads in the top frame only.
  if (globalThis !== globalThis.top) return;
  const toApp = globalThis[binding];
  delete globalThis[binding];
  const pending = new Map();
  let lastId = 0;

  const ipcRenderer = {
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve, reject, channel });
        toApp(JSON.stringify({ id, channel, args }));
      }),
  };
  const contextBridge = {
    exposeInMainWorld(key, api) {
      if (key in globalThis) {
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      }
      Object.defineProperty(globalThis, key, { value: copy(api), enumerable: true });
    },
  };
  Object.defineProperty(globalThis, deliver, {
    value: ({ id, value, error }) => {
      const { resolve, reject, channel } = pending.get(id);
      pending.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(`Error invoking remote method '${channel}': ${error}`));
    },
  });

  // A refused pop-up never begins in Electron, and window.open gives null.
  globalThis.open = (url = 'about:blank') => {
    toApp(JSON.stringify({ open: new URL(url, globalThis.location.href).href }));
    return null;
  };

  /** What crosses the bridge is a frozen copy; functions cross as callable proxies. */
  function copy(value) {
    if (typeof value === 'function') return (...args) => value(...args);
    if (value === null || typeof value !== 'object') return value;
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)])));
  }
  function require(name) {
    if (name === 'electron') return { contextBridge, ipcRenderer };
    throw new Error(`module not found: ${name}`);
  }
  preload(require);
}
