// Who may have an account: an invitation from the desk makes one, an hour can be opened and closed, the desk can be left.
import { claimDesk, expect, expectAccessible, expectNoSidewaysScroll, test } from './support/visit-desk.ts';

const guest = { name: 'Grace Hopper', email: 'grace@example.org', password: 'ship in a harbour' };

test('an invitation makes one account, on a page that needs no app', async ({ page, app }) => {
  test.slow();
  await claimDesk(page, app.deskUrl);
  const people = page.getByRole('region', { name: 'People' });
  await expect(people).toContainText('New people come by invitation');
  await page.setViewportSize({ width: 360, height: 740 });
  await people.scrollIntoViewIfNeeded();
  await people.getByRole('button', { name: 'Make an invitation' }).click();
  const dialog = page.getByRole('dialog', { name: 'An invitation' });
  const link = await dialog.locator('code').innerText();
  expect(link).toMatch(/\/join\?token=[\w-]{32}$/);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(people.getByRole('listitem')).toHaveCount(1);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);

  await page.goto(link);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await page.getByLabel('Name').fill(guest.name);
  await page.getByLabel('E-mail address').fill(guest.email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByRole('alert')).toContainText('Your password needs');
  await expect(page.getByLabel('Name')).toHaveValue(guest.name);
  await page.getByLabel('Password').fill(guest.password);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByText('Your account is made.')).toBeVisible();
  const { email, password } = guest;
  const login = await page.request.post(`${app.papyrusUrl}/auth/login`, { data: { email, password } });
  expect(login.status()).toBe(200);
});

test('registration opens for an hour and closes again, and an invitation can be taken back', async ({
  page,
  app,
}) => {
  await claimDesk(page, app.deskUrl);
  const people = page.getByRole('region', { name: 'People' });
  await people.getByRole('button', { name: 'Open for an hour' }).click();
  await expect(people).toContainText('can make an account until');
  await people.getByRole('button', { name: 'Close now' }).click();
  await expect(people).toContainText('New people come by invitation');
  await people.getByRole('button', { name: 'Make an invitation' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await people.getByRole('button', { name: /^Take back the invitation/ }).click();
  await expect(people.getByRole('listitem')).toHaveCount(0);
});

test('the desk can be left in a browser, and opened again by a link alone', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toContainText('library');
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByRole('region', { name: 'People' })).toBeHidden();
  expect((await page.request.get(`${new URL(app.deskUrl).origin}/desk/api/status`)).status()).toBe(401);
});
