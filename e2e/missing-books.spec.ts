// A folder of books looks empty: the person is asked, looks again, or lets its books go.
import { mkdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEpub } from '../test/support/make-epub.ts';
import {
  booksOn,
  claimDesk,
  expect,
  expectAccessible,
  expectNoSidewaysScroll,
  test,
} from './support/visit-desk.ts';

test('a folder that looks empty is asked about', async ({ page, app }) => {
  test.slow();
  const folder = join(app.folder, 'Drive of the reader');
  await mkdir(folder);
  for (const title of ['Emma', 'Persuasion', 'Sanditon', 'Northanger Abbey'])
    await writeFile(join(folder, `${title}.epub`), makeEpub({ title }));
  await claimDesk(page, app.deskUrl);
  await page.getByRole('textbox', { name: 'Folder' }).fill(folder);
  await page.getByRole('button', { name: 'Add a folder', exact: true }).click();
  await expect(booksOn(page)).toHaveCount(4);

  await rename(folder, `${folder} (away)`);
  await mkdir(folder);
  await page.getByRole('button', { name: 'Look for new books' }).click();
  const question = page.getByText('This folder looks empty. Is its drive connected?');
  await expect(question).toBeVisible();
  await expect(page.getByText('4 known files are not found. Nothing was changed.')).toBeVisible();
  await expect(booksOn(page)).toHaveCount(4);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(page);

  await rmdir(folder);
  await rename(`${folder} (away)`, folder);
  await page.getByRole('button', { name: `Look again into ${folder}` }).click();
  await expect(question).toBeHidden();
  await expect(booksOn(page)).toHaveCount(4);

  await rename(folder, `${folder} (away)`);
  await mkdir(folder);
  await page.getByRole('button', { name: 'Look for new books' }).click();
  await page.getByRole('button', { name: `These books are gone: ${folder}` }).click();
  const dialog = page.getByRole('dialog', { name: 'Let these books go?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'They are gone' }).click();
  await expect(question).toBeHidden();
  await expect(booksOn(page)).toHaveCount(0);
});
