// Electron's WebContents over a page of the browser.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { browser } from './app.mjs';
import { createEvent } from './event.mjs';
import { answerInvoke } from './ipc.mjs';
import { pageSide } from './page-side.mjs';
import { applyPermissions } from './session.mjs';

const binding = '__standinToApp';
const deliver = '__standinToPage';
let lastId = 0;

export class WebContents extends EventEmitter {
  id = ++lastId;
  #url = '';
  #targetId;
  #page;
  #topFrame;
  #isShown = false;
  #openHandler = () => ({ action: 'allow' });
  /** The address of the last page a link was to open beside ours. */
  #asked = '';
  /** Addresses the app itself loads, which are no navigation of the page. */
  #loading = new Set();
  #opened;

  constructor({ preload, width, height }) {
    super();
    this.#opened = this.#open(preload, width, height);
    // Whoever waits for the page hears of a failure; without anybody waiting it must not end the process.
    this.#opened.catch(() => {});
  }

  getURL() {
    return this.#url;
  }

  setWindowOpenHandler(handler) {
    this.#openHandler = handler;
  }

  async loadURL(url) {
    await this.#opened;
    const loaded = new Promise((resolve) => {
      this.once('did-finish-load', resolve);
    });
    const address = withoutHash(url);
    this.#loading.add(address);
    const { errorText, loaderId } = await this.#page.send('Page.navigate', { url });
    this.#loading.delete(address);
    if (errorText) throw Object.assign(new Error(`${errorText} loading '${url}'`), { code: errorText, url });
    if (loaderId) await loaded;
  }

  /** Closes the page; `destroyed` is emitted at once. */
  destroy() {
    void this.#opened
      .then(() => browser)
      .then(({ root }) => root.send('Target.closeTarget', { targetId: this.#targetId }))
      .catch(() => {});
    this.emit('destroyed');
  }

  async #open(preload, width, height) {
    const { root, attach } = await browser;
    ({ targetId: this.#targetId } = await root.send('Target.createTarget', {
      url: 'about:blank',
      width,
      height,
      newWindow: true,
    }));
    const page = await attach(this.#targetId);
    this.#page = page;
    page.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === binding) void this.#hear(JSON.parse(payload));
    });
    page.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) void this.#arrived(frame.url);
    });
    page.on('Page.loadEventFired', () => {
      this.emit('did-finish-load', createEvent());
      if (!this.#isShown) this.emit('first-load');
      this.#isShown = true;
    });
    page.on('Page.windowOpen', ({ url }) => (this.#asked = url));
    page.on('Fetch.requestPaused', (request) => void this.#navigating(request));
    root.on('Target.targetCreated', ({ targetInfo }) => void this.#popUp(targetInfo));
    await root.send('Target.setDiscoverTargets', { discover: true });
    await page.send('Page.enable');
    await page.send('Runtime.enable');
    await page.send('Runtime.addBinding', { name: binding });
    await page.send('Fetch.enable', { patterns: [{ urlPattern: '*', resourceType: 'Document' }] });
    this.#topFrame = (await page.send('Page.getFrameTree')).frameTree.frame.id;
    if (preload !== undefined) {
      const script = `(require) => {${readFileSync(preload, 'utf8')}\n}`;
      const source = `(${String(pageSide)})('${binding}', '${deliver}', ${script});`;
      await page.send('Page.addScriptToEvaluateOnNewDocument', { source });
    }
  }

  async #hear(message) {
    if (message.open !== undefined) {
      this.#mayOpen(message.open);
      return;
    }
    const answer = JSON.stringify(await answerInvoke(this, message));
    await this.#page.send('Runtime.evaluate', { expression: `${deliver}(${answer})` }).catch(() => {});
  }

  /** Asks the app about every address the top frame is about to show, but the ones it loads itself. */
  async #navigating({ requestId, request, frameId, redirectedRequestId }) {
    if (frameId === this.#topFrame) {
      const isOwn = this.#loading.has(withoutHash(request.url));
      const name = redirectedRequestId === undefined ? 'will-navigate' : 'will-redirect';
      const event = createEvent({ url: request.url, isMainFrame: true });
      if (!isOwn) this.emit(name, event, request.url);
      if (event.defaultPrevented) {
        await this.#page.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => {});
        return;
      }
    }
    await this.#page.send('Fetch.continueRequest', { requestId }).catch(() => {});
  }

  async #arrived(url) {
    this.#url = url;
    const { root } = await browser;
    const { origin } = new URL(url);
    if (origin !== 'null') await applyPermissions(root, this, origin);
  }

  #mayOpen(url) {
    return this.#openHandler({ url, frameName: '', features: '' }).action === 'allow';
  }

  /** For a link with a target the browser opens the page first, so that a refused one is there for a moment. */
  async #popUp({ targetId, openerId }) {
    if (openerId !== this.#targetId || this.#mayOpen(this.#asked)) return;
    const { root } = await browser;
    await root.send('Target.closeTarget', { targetId }).catch(() => {});
  }
}

function withoutHash(url) {
  return new URL(url).href.split('#')[0];
}
