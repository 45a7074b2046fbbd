// The owner makes a backup, plans to put it back, thinks better of it, and does it after all.
import { claimDesk, expect, expectAccessible, expectNoSidewaysScroll, test } from './support/visit-desk.ts';

test('a backup is made, checked, and planned for the next start', async ({ page, app }) => {
  test.slow();
  await claimDesk(page, app.deskUrl);
  const backups = page.getByRole('region', { name: 'Backups' });
  await expect(backups).toContainText('Made every day at 03:00.');
  await expect(backups).toContainText('None yet.');
  await backups.getByRole('button', { name: 'Back up now' }).click();
  await expect(backups.getByRole('listitem')).toHaveCount(1);
  await expect(backups.getByRole('listitem')).toContainText(/0 books · .*B · checked just now/);
  await page.setViewportSize({ width: 360, height: 740 });
  await backups.scrollIntoViewIfNeeded();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);

  await backups.getByRole('button', { name: /^Restore the backup of/ }).click();
  const question = page.getByRole('dialog', { name: 'Restore this backup?' });
  await expect(question).toContainText('kept in another backup first');
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Restore' }).click();
  await expect(question).toBeHidden();
  const plan = backups.getByText('Quit it and start it again: in the menu of its icon near the clock');
  await expect(backups.getByRole('button', { name: 'Restart now' })).toBeHidden();
  await expect(plan).toBeVisible();
  await expect(backups).toContainText('made before another was restored');
  await page.setViewportSize({ width: 1280, height: 900 });
  await backups.scrollIntoViewIfNeeded();
  await expectAccessible(page);
  await backups.getByRole('button', { name: 'Keep the library as it is' }).click();
  await expect(plan).toBeHidden();
});
