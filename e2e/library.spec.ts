// The library's page: its grid of covers, by eye and by keyboard, narrow and wide, by day and by night, with and without its server.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import sharp from 'sharp';
import { makeEpub } from '../test/support/make-epub.ts';
import { type RunningApp, startApp } from './support/app.ts';
import {
  booksOn,
  claimDesk,
  expect,
  expectAccessible,
  expectNoSidewaysScroll,
  person,
  test,
} from './support/visit-desk.ts';

const pageSize = 60;

/** Writes that many books, every other one with a cover, and has the library read them. */
async function fillLibrary(page: Page, app: RunningApp, books: number): Promise<void> {
  const folder = join(app.folder, 'books');
  await mkdir(folder);
  const cover = await sharp({ create: { width: 300, height: 450, channels: 3, background: '#355' } })
    .png()
    .toBuffer();
  for (let n = 1; n <= books; n++) {
    const book = { title: `Volume ${n}`, authors: [`Writer ${n}`] };
    await writeFile(join(folder, `${n}.epub`), makeEpub(n % 2 === 0 ? { ...book, cover } : book));
  }
  await page.getByRole('textbox', { name: 'Folder' }).fill(folder);
  await page.getByRole('button', { name: 'Add a folder', exact: true }).click();
  await expect(page.getByText(/^Last looked/)).toBeVisible();
}

test('the shelf fetches the next page of books when its end comes near', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, pageSize + 15);
  await page.reload();
  await expect(page.getByRole('heading', { name: /^On the shelf/ })).toContainText('75');

  await expect(booksOn(page)).toHaveCount(pageSize);
  await booksOn(page).last().scrollIntoViewIfNeeded();
  await expect(booksOn(page)).toHaveCount(pageSize + 15);

  const titles = await booksOn(page).getByRole('heading').allTextContents();
  expect(new Set(titles).size).toBe(pageSize + 15);
  await expect(page.getByRole('button', { name: 'Show more books' })).toBeHidden();
});

test('covers keep their frame whether they have a picture or not', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, 4);
  await expect(booksOn(page).locator('img')).toHaveCount(2);

  const frames = await page
    .locator('.cover')
    .evaluateAll((covers) => covers.map((cover) => cover.clientHeight / cover.clientWidth));
  expect(frames).toHaveLength(4);
  for (const ratio of frames) expect(ratio).toBeCloseTo(1.5, 1);
  const bound = booksOn(page).filter({ has: page.getByRole('heading', { name: 'Volume 3', exact: true }) });
  await expect(bound.locator('.cover')).toContainText('Volume 3');
});

test('everything is reached by keyboard, from the skip link to the dialogs and back', async ({
  page,
  app,
}) => {
  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, 2);
  await page.reload();
  await expect(booksOn(page)).toHaveCount(2);

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Look for new books' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: /^Remove the folder/ })).toBeFocused();
  await page.keyboard.press('Tab');
  const opener = page.getByRole('button', { name: 'Add a folder…' });
  await expect(opener).toBeFocused();
  await expect(opener).toHaveCSS('outline-style', 'solid');

  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a folder of books' });
  await expect(dialog.getByRole('textbox', { name: 'Folder' })).toBeFocused();
  for (const name of ['Add a folder', 'Close', 'Folder', 'Add a folder']) {
    await page.keyboard.press('Tab');
    // A dialog's round passes through the browser's own bar, which a headless browser shows as nothing focused.
    if ((await page.locator(':focus').count()) === 0) await page.keyboard.press('Tab');
    await expect(
      dialog.getByRole(name === 'Folder' ? 'textbox' : 'button', { name, exact: true }),
    ).toBeFocused();
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});

test('nothing on the page troubles axe, empty or filled, by day or by night', async ({ page, app }) => {
  test.slow();
  await claimDesk(page, app.deskUrl);
  await expectAccessible(page);
  await fillLibrary(page, app, 5);
  await expect(booksOn(page)).toHaveCount(5);
  await expectAccessible(page);
});

test('nothing in the dialogs troubles axe, by day or by night', async ({ page, app }) => {
  test.slow();
  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, 1);
  await page.getByRole('button', { name: 'Add a folder…' }).click();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Remove the folder/ }).click();
  await expectAccessible(page);
});

test('a window of 360 pixels shows everything without scrolling sideways', async ({ page, app }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await claimDesk(page, app.deskUrl);
  await expectNoSidewaysScroll(page);
  await fillLibrary(page, app, 6);
  await expect(booksOn(page)).toHaveCount(6);
  await expectNoSidewaysScroll(page);
  const [first, second] = await booksOn(page).evaluateAll((books) =>
    books.slice(0, 2).map((book) => book.getBoundingClientRect().top),
  );
  expect(first).toBe(second);
});

test('the addresses are those the server answers at, and are copied', async ({ page, app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: app.url });
  await claimDesk(page, app.deskUrl);
  const region = page.getByRole('region', { name: 'For your devices' });
  await expect(region.getByText(app.koshelfUrl, { exact: true })).toBeVisible();
  await expect(region.getByText(app.papyrusUrl, { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Copy the Papyrus address' }).click();
  await expect(region.getByRole('status').filter({ hasText: 'Copied' })).toBeAttached();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(app.papyrusUrl);
  const docs = await page.request.get((await region.getByRole('link').getAttribute('href')) ?? '');
  expect(docs.status()).toBe(200);
});

test('while the server is away a banner says so, and the page goes on by itself', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, 2);
  await expect(booksOn(page)).toHaveCount(2);
  const banner = page.getByText('The library is not answering.');

  await app.stop();
  await expect(banner).toBeVisible();
  await expect(booksOn(page)).toHaveCount(2);

  const again = await startApp({ folder: app.folder, args: ['--port', new URL(app.url).port] });
  try {
    await expect(banner).toBeHidden();
    await page.goto(again.deskUrl);
    await expect(page.getByRole('heading', { level: 1, name: `${person.name}’s library` })).toBeVisible();
    await expect(booksOn(page)).toHaveCount(2);
  } finally {
    await again.close();
  }
});

test('every script, style and picture comes from the server itself', async ({ page, app }) => {
  const refused: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));

  await claimDesk(page, app.deskUrl);
  await fillLibrary(page, app, 2);
  await expect(booksOn(page).locator('img')).toHaveCount(1);

  expect(refused).toEqual([]);
  expect([...hosts]).toEqual([app.url]);
  const response = await page.request.get(`${app.url}/desk/`);
  expect(response.headers()['content-security-policy']).toContain("default-src 'self'");
});
