// Electron's menus and tray, remembered and not drawn.
import { EventEmitter } from 'node:events';

function createItem({ label = '', enabled = true, checked = false, type = 'normal', id, click }) {
  const item = { label, enabled, checked, type, id };
  item.click = () => {
    if (enabled) click?.(item);
  };
  return item;
}

export class Menu {
  items;

  constructor(items) {
    this.items = items;
  }

  static buildFromTemplate(template) {
    return new Menu(template.map((item) => createItem(item)));
  }

  static setApplicationMenu() {}

  getMenuItemById(id) {
    return this.items.find((item) => item.id === id) ?? null;
  }
}

export class Tray extends EventEmitter {
  constructor(image) {
    super();
    if (image.isEmpty()) throw new Error('The tray image is empty.');
  }

  setToolTip() {}

  setContextMenu() {}
}
