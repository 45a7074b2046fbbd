// The first visit: the link opens the desk once, and the person who opens it makes the account that owns the server.
import {
  claimDesk,
  expect,
  expectAccessible,
  expectNoSidewaysScroll,
  person,
  test,
} from './support/visit-desk.ts';

test('the link opens the desk, and its account is made and greeted by name', async ({ page, app }) => {
  await claimDesk(page, app.deskUrl);

  await expect(page).toHaveURL(`${app.url}/desk/`);
  await expect(page).toHaveTitle(/Papyrus Shelf/);
  await expect(page.getByRole('heading', { name: 'Add the folder your books are in' })).toBeVisible();
  await expect(page.getByText('0 books')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

  const status = await page.request.get(`${app.url}/desk/api/status`);
  expect(await status.json()).toMatchObject({
    claimed: true,
    owner: { display_name: person.name, email: person.email },
  });
});

test('the account signs in to the Papyrus API', async ({ page, app, request }) => {
  await claimDesk(page, app.deskUrl);
  const login = await request.post(`${app.papyrusUrl}/auth/login`, {
    data: { email: person.email, password: person.password },
  });
  expect(login.status()).toBe(200);
  expect(await login.json()).toMatchObject({ user: { display_name: person.name } });
});

test('the session outlives a reload and stays out of reach of scripts', async ({ page, app, context }) => {
  await claimDesk(page, app.deskUrl);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: `${person.name}’s library` })).toBeVisible();

  const cookies = await context.cookies(`${app.url}/desk/api/`);
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate('document.cookie')).toBe('');
});

test('a link that was used opens nothing for anybody else', async ({ page, app, browser }) => {
  await claimDesk(page, app.deskUrl);

  const elsewhere = await browser.newContext();
  const stranger = await elsewhere.newPage();
  await stranger.goto(app.deskUrl);
  await expect(stranger.getByRole('heading', { name: 'This desk is opened by its link' })).toBeVisible();
  await expect(stranger.getByText('was used before, or is too old')).toBeVisible();
  await expect(stranger).toHaveURL(`${app.url}/desk/`);
  await expectAccessible(stranger);
  await elsewhere.close();
});

test('the owner opens the desk with name and password where there is no link', async ({
  page,
  app,
  browser,
}) => {
  await claimDesk(page, app.deskUrl);

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(`${app.url}/desk/`);
  await expect(other.getByRole('heading', { name: 'Or with your name and password' })).toBeVisible();
  await expectAccessible(other);
  await other.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(other);
  await other.getByRole('button', { name: 'Open the desk' }).click();
  await expect(other.getByLabel('E-mail address')).toBeFocused();
  await expect(other.getByText('Type the password.')).toBeVisible();

  await other.getByLabel('E-mail address').fill(person.email);
  await other.getByLabel('Password').fill('Not-The-One-1');
  await other.keyboard.press('Enter');
  await expect(other.getByText('The e-mail address or the password is wrong.')).toBeVisible();
  await other.getByLabel('Password').fill(person.password);
  await other.keyboard.press('Enter');
  await expect(other.getByRole('heading', { level: 1, name: `${person.name}’s library` })).toBeVisible();
  await elsewhere.close();
});

test('a browser on another computer reads how to come to the desk', async ({ page, app }) => {
  // What the server answers somebody who is not at its computer (test/api/desk/access).
  await page.route('**/desk/api/**', (route) =>
    route.fulfill({
      status: 403,
      json: {
        error: { code: 'away', message: 'The desk can only be opened on the computer the server runs on.' },
      },
    }),
  );
  await page.goto(`${app.url}/desk/`);
  await expect(page.getByRole('heading', { name: 'This desk opens on its own computer' })).toBeVisible();
  const { port, hostname } = new URL(app.url);
  await expect(page.getByText(`ssh -L ${port}:127.0.0.1:${port} ${hostname}`)).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(page);
});

test('times on an open page go on, dates are the reader’s', async ({ page, app, browser }) => {
  await claimDesk(page, app.deskUrl);
  await page.close();

  const german = await browser.newContext({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
  const desk = await german.newPage();
  await desk.clock.install();
  await desk.goto(`${app.url}/desk/`);
  await desk.getByLabel('E-mail address').fill(person.email);
  await desk.getByLabel('Password').fill(person.password);
  await desk.keyboard.press('Enter');
  await desk.getByRole('button', { name: 'Back up now' }).click();
  const backups = desk.getByRole('region', { name: 'Backups' });
  await expect(backups.getByText('checked just now')).toBeVisible();
  await expect(backups.getByText(/\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}/)).toBeVisible();
  await desk.clock.runFor('05:00');
  await expect(backups.getByText('checked 5 minutes ago')).toBeVisible();
  await german.close();
});

test('without a link the desk says how to come by one, and comes up once it was opened', async ({
  page,
  app,
  context,
}) => {
  await page.goto(`${app.url}/desk/`);
  await expect(page.getByRole('heading', { name: 'This desk is opened by its link' })).toBeVisible();
  await expect(page.getByText('begins with “Desk:”')).toBeVisible();
  await expect(page.getByText('was used before, or is too old')).toBeHidden();

  const other = await context.newPage();
  await other.goto(app.deskUrl);
  await expect(other.getByRole('heading', { name: 'Make this library yours' })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Make this library yours' })).toBeVisible();
});

test('each password rule is ticked off while typing, and all of them are asked for', async ({
  page,
  app,
}) => {
  await page.goto(app.deskUrl);
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  const password = page.getByLabel('Password', { exact: true });
  const met = page.getByRole('listitem').filter({ hasText: ', met' });

  for (const [typed, rules] of [
    ['', 0],
    ['abc', 1],
    ['abcD', 2],
    ['abcD1', 3],
    ['abcDefg1', 4],
  ] as const) {
    await password.fill(typed);
    await expect(met).toHaveCount(rules);
  }

  await password.fill('alllowercase');
  await password.press('Enter');
  await expect(page.getByText('The password does not meet every rule yet.')).toBeVisible();
  await expect(password).toBeFocused();
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  const status = await page.request.get(`${app.url}/desk/api/status`);
  expect(await status.json()).toMatchObject({ claimed: false, owner: null });

  await page.getByRole('button', { name: 'Show the password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
});

test('every missing answer is named beside its field, the first one takes the focus', async ({
  page,
  app,
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(app.deskUrl);
  await page.getByRole('button', { name: 'Open my library' }).click();

  await expect(page.getByText('Tell the library what to call you.')).toBeVisible();
  await expect(page.getByLabel('Your name')).toBeFocused();
  await expect(page.getByLabel('E-mail address')).toHaveAccessibleDescription(
    /does not look like an e-mail address/,
  );
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(
    /does not meet every rule/,
  );
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});

test('the server itself refuses a weak password, a second owner and a request from elsewhere', async ({
  page,
  app,
}) => {
  await page.goto(app.deskUrl);
  await expect(page.getByRole('heading', { name: 'Make this library yours' })).toBeVisible();
  const claim = (password: string, headers: Record<string, string>) =>
    page.request.post(`${app.url}/desk/api/claim`, {
      headers,
      data: { email: person.email, password, display_name: person.name },
    });
  const ours = { 'x-papyrus-desk': '1' };

  const weak = await claim('alllowercase', ours);
  expect(weak.status()).toBe(400);
  expect(await weak.json()).toMatchObject({
    error: { details: { fields: { password: expect.stringMatching(/\w/) } } },
  });
  expect((await claim(person.password, {})).status()).toBe(403);
  expect((await claim(person.password, ours)).status()).toBe(201);
  expect((await claim(person.password, ours)).status()).toBe(409);
});
