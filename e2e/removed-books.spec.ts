// A book is removed in the Papyrus app, and its owner has it back.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEpub } from '../test/support/make-epub.ts';
import {
  booksOn,
  claimDesk,
  expect,
  expectAccessible,
  expectNoSidewaysScroll,
  person,
  test,
} from './support/visit-desk.ts';

const names = [
  'Emma',
  'Northanger Abbey',
  'Persuasion',
  'A very long title that has no room beside the shelf',
];

test('a removed book is brought back', async ({ page, app, request }) => {
  test.slow();
  const folder = join(app.folder, 'Jane Austen');
  await mkdir(folder);
  for (const title of names)
    await writeFile(join(folder, `${title}.epub`), makeEpub({ title, authors: ['Austen'] }));
  await claimDesk(page, app.deskUrl);
  await page.getByRole('textbox', { name: 'Folder' }).fill(folder);
  await page.getByRole('button', { name: 'Add a folder', exact: true }).click();
  await expect(booksOn(page)).toHaveCount(4);
  const removed = page.getByRole('region', { name: /^Removed books/ });
  await expect(removed).toBeHidden();

  const { email, password } = person;
  const login = await request.post(`${app.papyrusUrl}/auth/login`, { data: { email, password } });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const { books } = (await (await request.get(`${app.papyrusUrl}/books`, { headers })).json()) as {
    books: { book_id: string; title: string }[];
  };
  for (const { book_id: id } of books.filter(({ title }) => title !== 'Emma'))
    await request.delete(`${app.papyrusUrl}/books/${id}`, { headers });

  await expect(removed.getByRole('listitem')).toHaveCount(2);
  await expect(removed).toContainText('3 files');
  await expect(booksOn(page)).toHaveCount(1);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(page);
  await removed.getByRole('button', { name: 'See all 3' }).click();
  const all = page.getByRole('dialog', { name: 'Removed books' });
  await expect(all.getByRole('listitem')).toHaveCount(3);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await all.getByRole('button', { name: 'Bring back Persuasion.epub' }).click();
  await expect(all.getByRole('listitem')).toHaveCount(2);
  await all.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText('2 books', { exact: true })).toBeVisible();
  await removed.getByRole('button', { name: 'Bring back Northanger Abbey.epub' }).click();
  await expect(page.getByText('3 books', { exact: true })).toBeVisible();
  await expect(removed.getByRole('listitem')).toHaveCount(1);
});
