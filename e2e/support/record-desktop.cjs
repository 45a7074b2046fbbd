// Loaded before the app's main script (electron --require): remembers what only a person could see or answer, on
// globalThis.recorded. The app itself is not changed.
const { dialog, shell, Tray } = require('electron');

const recorded = {
  /** The tray's menu as it was set last. */
  menu: undefined,
  toolTip: undefined,
  /** Every message shown; a message box waits until its `answer(buttonIndex)` is called. */
  messages: [],
  /** What the next file pickers give: a path, or nothing when the person closes it. */
  picks: [],
  pickers: [],
  /** Addresses given to the system's browser. */
  opened: [],
};
globalThis.recorded = recorded;

Tray.prototype.setContextMenu = (menu) => {
  recorded.menu = menu;
};
Tray.prototype.setToolTip = (toolTip) => {
  recorded.toolTip = toolTip;
};
dialog.showMessageBox = (...args) => {
  const { message, detail, buttons } = args.at(-1);
  return new Promise((resolve) => {
    const answer = (response) => resolve({ response, checkboxChecked: false });
    recorded.messages.push({ message, detail, buttons, answer });
  });
};
dialog.showErrorBox = (message, detail) => {
  recorded.messages.push({ message, detail });
};
dialog.showOpenDialog = (...args) => {
  recorded.pickers.push(args.at(-1).properties);
  const pick = recorded.picks.shift();
  return Promise.resolve({ canceled: pick === undefined, filePaths: pick === undefined ? [] : [pick] });
};
shell.openExternal = (url) => {
  recorded.opened.push(url);
  return Promise.resolve();
};
