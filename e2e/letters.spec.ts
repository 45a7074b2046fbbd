// Without a mail server: somebody forgets their password, the owner hands the link over, and its page does the rest.
import type { Page } from 'playwright/test';
import { claimDesk, expect, expectAccessible, expectNoSidewaysScroll, test } from './support/visit-desk.ts';

const reader = { email: 'grace@example.org', password: 'Compiler-1952', display_name: 'Grace Hopper' };
const next = 'Nanosecond-1969';

/** What the reader registers with, by an invitation made in the desk. */
async function invited(page: Page) {
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  const dialog = page.getByRole('dialog', { name: 'An invitation' });
  const invitation = new URL(await dialog.locator('code').innerText()).searchParams.get('token');
  await dialog.getByRole('button', { name: 'Close' }).click();
  return { ...reader, invitation };
}

test('a forgotten password is chosen anew by the link the owner hands over', async ({ page, app }) => {
  test.slow();
  const post = (path: string, data: object) => page.request.post(app.papyrusUrl + path, { data });
  await claimDesk(page, app.deskUrl);
  expect((await post('/auth/register', await invited(page))).status()).toBe(201);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Waiting for a link' })).toBeHidden();
  expect((await post('/auth/forgot-password', { email: reader.email })).status()).toBe(200);
  await page.reload();

  const waiting = page.getByRole('region', { name: 'Waiting for a link' });
  await expect(waiting).toContainText('Grace Hopper');
  await expect(waiting).toContainText('wants to choose a new password · just now');
  await page.setViewportSize({ width: 360, height: 740 });
  await waiting.scrollIntoViewIfNeeded();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await waiting.getByRole('button', { name: 'Make the link for Grace Hopper' }).click();
  const dialog = page.getByRole('dialog', { name: 'A link for Grace Hopper' });
  const link = await dialog.locator('code').innerText();
  expect(link).toMatch(/\/reset-password\?token=[\w-]{43}$/);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(waiting).toBeHidden();

  await page.goto(link);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await page.getByLabel('New password').fill('lower-case');
  await page.getByRole('button', { name: 'Save the password' }).click();
  await expect(page.getByRole('alert')).toHaveText('Your password needs an upper-case letter and a digit.');
  await page.getByLabel('New password').fill(next);
  await page.getByRole('button', { name: 'Save the password' }).click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  const login = (password: string) => post('/auth/login', { email: reader.email, password });
  expect([(await login(reader.password)).status(), (await login(next)).status()]).toEqual([401, 200]);
});

test('a request can be put away', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  await page.request.post(`${app.papyrusUrl}/auth/register`, { data: await invited(page) });
  await page.request.post(`${app.papyrusUrl}/auth/forgot-password`, { data: { email: reader.email } });
  await page.reload();
  await page.getByRole('button', { name: 'Put away the request of Grace Hopper' }).click();
  await expect(page.getByRole('region', { name: 'Waiting for a link' })).toBeHidden();
});
