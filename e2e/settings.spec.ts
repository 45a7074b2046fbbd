// What can be set while the server runs: seen, changed, refused beside its field, and shown where it works.
import { claimDesk, expect, expectAccessible, expectNoSidewaysScroll, test } from './support/visit-desk.ts';

test('settings are changed in one form, and what is wrong is said beside its field', async ({
  page,
  app,
}) => {
  await claimDesk(page, app.deskUrl);
  const settings = page.getByRole('region', { name: 'Settings' });
  await expect(settings).toContainText('from 00:00 on');
  await settings.getByRole('button', { name: 'Change…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await expect(dialog.getByRole('group', { name: 'How reading is counted' })).toBeVisible();
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await dialog.getByLabel('A day begins at').fill('soon');
  await dialog.getByLabel('Write changes back to KOReader’s files').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('should be a time such as 04:00')).toBeVisible();
  await expect(dialog.getByLabel('A day begins at')).toBeFocused();
  await expectAccessible(page);
  await dialog.getByLabel('A day begins at').fill('04:00');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(settings).toContainText('from 04:00 on');
  await expect(settings).toContainText('are written back');
  const site = (await (await page.request.get(`${new URL(app.deskUrl).origin}/api/site`)).json()) as {
    data: { capabilities: { has_writeback: boolean } };
  };
  expect(site.data.capabilities.has_writeback).toBe(true);
  await page.reload();
  await expect(settings).toContainText('from 04:00 on');
});
