// The file of stored passwords is gone: the desk names what to give again, until it is given.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  claimDesk,
  expect,
  expectAccessible,
  expectNoSidewaysScroll,
  person,
  test,
} from './support/visit-desk.ts';

test('passwords that were lost are named until they are given again', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);
  const { email, password } = person;
  const login = await page.request.post(`${app.papyrusUrl}/auth/login`, { data: { email, password } });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const credentials = { username: 'ada', password: 'pw' };
  const made = await page.request.post(`${app.papyrusUrl}/storage/backends`, {
    headers,
    data: {
      name: 'The NAS in the cellar',
      backend_type: 'webdav',
      connection_config: { server_url: 'https://nas.example.org/dav' },
      credentials,
    },
  });
  expect(made.status()).toBe(201);
  await page.reload();
  const missing = page.getByRole('region', { name: 'Passwords to give again' });
  await expect(page.getByRole('region', { name: 'Backups' })).toBeVisible();
  await expect(missing).toBeHidden();

  rmSync(join(app.dataDir, 'secrets.sealed'));
  await page.reload();
  await expect(missing).toContainText('The NAS in the cellar');
  await expect(missing).toContainText('storage of Ada');
  await page.setViewportSize({ width: 360, height: 740 });
  await missing.scrollIntoViewIfNeeded();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);

  const { backend_id } = (await made.json()) as { backend_id: string };
  const given = await page.request.patch(`${app.papyrusUrl}/storage/backends/${backend_id}`, {
    headers,
    data: { credentials },
  });
  expect(given.status()).toBe(200);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Backups' })).toBeVisible();
  await expect(missing).toBeHidden();
});
