// Filling the library: folders and statistics files are added, read with visible progress, stopped and removed.
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import sharp from 'sharp';
import { makeEpub } from '../test/support/make-epub.ts';
import { makeStatistics } from '../test/support/make-statistics.ts';
import { booksOn, claimDesk, expect, expectAccessible, test } from './support/visit-desk.ts';

const picture = (width: number, height: number, background: string): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

async function addFolder(page: Page, path: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Folder' }).fill(path);
  await page.getByRole('button', { name: 'Add a folder', exact: true }).click();
}

test('the books of a folder appear with their covers while the page stays open', async ({ page, app }) => {
  const folder = join(app.folder, 'books');
  await mkdir(join(folder, 'Poems'), { recursive: true });
  const cover = await picture(400, 600, '#7a2f2f');
  await writeFile(join(folder, 'a.epub'), makeEpub({ title: 'The Garden', authors: ['Ann Field'], cover }));
  await writeFile(join(folder, 'b.epub'), makeEpub({ title: 'The River', authors: ['Bo Lind'], cover }));
  await writeFile(join(folder, 'Poems', 'c.epub'), makeEpub({ title: 'No Picture', authors: ['Cy Moss'] }));
  await claimDesk(page, app.deskUrl);

  await addFolder(page, folder);

  await expect(booksOn(page)).toHaveCount(3);
  await expect(page.getByText(/^Last looked just now: 3 files, 3 read\.$/)).toBeVisible();
  await expect(page.getByText('3 books', { exact: true })).toBeVisible();
  const garden = booksOn(page).filter({ has: page.getByRole('heading', { name: 'The Garden' }) });
  await expect(garden.getByText('Ann Field')).toBeVisible();
  await expect(garden.locator('img')).not.toHaveJSProperty('naturalWidth', 0);
  await expect(booksOn(page).locator('img')).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'Where your books are' }).getByText(folder)).toBeVisible();
  await expect(page.getByText('3 files · looked into just now')).toBeVisible();
});

test('a file that cannot be read is listed with its folder and its reason', async ({ page, app }) => {
  const folder = join(app.folder, 'books');
  await mkdir(folder);
  await writeFile(join(folder, 'good.epub'), makeEpub({ title: 'Good' }));
  await writeFile(join(folder, 'torn.epub'), makeEpub({ title: 'Torn' }).subarray(0, 200));
  await writeFile(join(folder, 'nothing.epub'), '');
  await claimDesk(page, app.deskUrl);

  await addFolder(page, folder);

  const failures = page.getByRole('region', { name: /^Could not be read/ });
  await expect(failures.getByRole('listitem')).toHaveCount(2);
  const torn = failures.getByRole('listitem').filter({ hasText: 'torn.epub' });
  await expect(torn.getByText('Damaged', { exact: true })).toBeVisible();
  await expect(torn.getByText(folder)).toBeVisible();
  await expect(
    failures.getByRole('listitem').filter({ hasText: 'nothing.epub' }).getByText('Empty', { exact: true }),
  ).toBeVisible();
  await expect(page.getByText(/3 files, 1 read, 2 could not be read/)).toBeVisible();
  await expect(booksOn(page)).toHaveCount(1);
  await expectAccessible(page);
});

test('a folder that is not there is refused beside the field', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  const field = page.getByRole('textbox', { name: 'Folder' });

  await page.getByRole('button', { name: 'Add a folder', exact: true }).click();
  await expect(field).toHaveAccessibleDescription(/Type the path of a folder/);
  await addFolder(page, join(app.folder, 'missing'));
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(join(app.folder, 'missing'));
  const folders = await page.request.get(`${app.url}/desk/api/folders`);
  expect(await folders.json()).toEqual({ folders: [], refused: [] });
});

test.describe('the home folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'shelf-home-'));
  test.afterAll(() => rm(home, { recursive: true }));
  test.use({ startOptions: { env: { HOME: home } } });

  test('is read when the person says so once more', async ({ page, app }) => {
    await writeFile(join(home, 'emma.epub'), makeEpub({ title: 'Emma' }));
    await claimDesk(page, app.deskUrl);
    await addFolder(page, '~');
    const field = page.getByRole('textbox', { name: 'Folder' });
    await expect(field).toHaveAccessibleDescription(/This is your whole home folder/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Read my whole home folder' }).click();
    await expect(booksOn(page)).toHaveCount(1);
  });
});

test('a long reading shows how far it is and stops when it is told to', async ({ page, app }) => {
  test.slow();
  const folder = join(app.folder, 'books');
  await mkdir(folder);
  const total = 2500;
  const cover = await picture(1400, 2100, '#2f4a7a');
  for (let n = 0; n < total; n++) {
    await writeFile(join(folder, `${n}.epub`), makeEpub({ title: `Volume ${n}`, cover }));
  }
  await claimDesk(page, app.deskUrl);

  await addFolder(page, folder);

  const progress = page.getByRole('progressbar', { name: `Progress of reading the books in ${folder}` });
  await expect(progress).toHaveAttribute('max', String(total));
  await expect(progress).not.toHaveJSProperty('value', 0);
  await expect(page.getByText(/^[\d,.]+ of 2.?500 files$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Looking…' })).toHaveAttribute('aria-disabled', 'true');
  await expect(booksOn(page).first()).toBeVisible();
  await page.getByRole('button', { name: `Stop reading the books in ${folder}` }).click();

  await expect(progress).toBeHidden();
  await expect(page.getByText('What is done so far is kept.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Look for new books' })).toBeVisible();
  const { jobs } = await (await page.request.get(`${app.url}/desk/api/jobs`)).json();
  expect(jobs[0]).toMatchObject({ kind: 'scan-folder', state: 'cancelled' });
  expect(jobs[0].done_units).toBeGreaterThan(0);
  expect(jobs[0].done_units).toBeLessThan(total);
});

test('a book put into the folder is found when the library is told to look', async ({ page, app }) => {
  const folder = join(app.folder, 'books');
  await mkdir(folder);
  await writeFile(join(folder, 'first.epub'), makeEpub({ title: 'First' }));
  await claimDesk(page, app.deskUrl);
  await addFolder(page, folder);
  await expect(booksOn(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Look for new books' })).toBeVisible();

  await writeFile(join(folder, 'second.epub'), makeEpub({ title: 'Second' }));
  await page.getByRole('button', { name: 'Look for new books' }).click();

  await expect(booksOn(page)).toHaveCount(2);
  await expect(booksOn(page).first()).toContainText('Second');
});

test('a folder is removed after a question, and the question can be declined', async ({ page, app }) => {
  const folder = join(app.folder, 'books');
  await mkdir(folder);
  await writeFile(join(folder, 'one.epub'), makeEpub({ title: 'One' }));
  await claimDesk(page, app.deskUrl);
  await addFolder(page, folder);
  const remove = page.getByRole('button', { name: `Remove the folder ${folder}` });
  const question = page.getByRole('dialog', { name: 'Remove this folder?' });

  await remove.click();
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(remove).toBeFocused();

  await remove.click();
  await question.getByRole('button', { name: 'Remove the folder' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText(folder, { exact: true })).toBeHidden();
  const folders = await page.request.get(`${app.url}/desk/api/folders`);
  expect(await folders.json()).toEqual({ folders: [], refused: [] });
});

test('KOReader’s statistics are read from their file', async ({ page, app }) => {
  const path = join(app.folder, 'statistics.sqlite3');
  makeStatistics(path, {
    books: [{ title: 'The Garden', pages: 100 }],
    reads: [1, 2, 3].map((n) => [1, n, 1_700_000_000 + 60 * n, 30, 100]),
  }).close();
  await claimDesk(page, app.deskUrl);

  await page.getByRole('button', { name: 'Add a statistics file…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add KOReader’s statistics' });
  await expect(dialog.getByRole('textbox', { name: 'Statistics file' })).toBeFocused();
  await dialog.getByRole('textbox').fill(path);
  await page.keyboard.press('Enter');

  await expect(dialog).toBeHidden();
  await expect(page.getByText(/^3 page reads of 1 book · read just now/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Reading statistics' }).getByText(path)).toBeVisible();
});
