// A visit to the desk in a browser: a server of its own for each spec, and the steps every visit begins with.
import { AxeBuilder } from '@axe-core/playwright';
import { expect as baseExpect, type Locator, type Page, test as base } from 'playwright/test';
import { type RunningApp, startApp, type StartOptions } from './app.ts';

export const person = { name: 'Ada', email: 'ada@example.org', password: 'Analytical1' };

/** `test` with a server: `startOptions` says how it is started, `app` is the running server. */
export const test = base.extend<{ startOptions: StartOptions; app: RunningApp }>({
  startOptions: [{}, { option: true }],
  app: async ({ startOptions }, use) => {
    const app = await startApp(startOptions);
    await use(app);
    await app.close();
  },
});

/** `expect` with time enough for a scan on a busy machine. */
export const expect = baseExpect.configure({ timeout: 20_000 });

/** Opens the desk's link and makes the account that owns the server. */
export async function claimDesk(page: Page, deskUrl: string): Promise<void> {
  await page.goto(deskUrl);
  await makeYours(page);
}

/** Makes the account that owns the server, on the desk's first page. */
export async function makeYours(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Open my library' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `${person.name}’s library` })).toBeVisible();
}

/** The books on the desk's shelf. */
export const booksOn = (page: Page): Locator =>
  page.getByRole('region', { name: /^On the shelf/ }).getByRole('listitem');

/** Fails with axe's findings, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours half-way through a fade are nobody's fault.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const findings = violations.map(({ id, impact, nodes }) => ({
      scheme: colorScheme,
      id,
      impact,
      where: nodes.map(({ target }) => target.join(' ')),
    }));
    expect(findings).toEqual([]);
  }
}

/** Fails when the page is wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  expect(overflow).toBeLessThanOrEqual(0);
}
