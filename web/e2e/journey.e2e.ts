/** One person's way through Kairos: login, trades appear, the curve moves, panic, flat, the engine killed and back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login, openBrowser } from './browser.js';
import type { Kairos } from './kairos.js';
import { startKairos } from './kairos.js';

const FIRST_TRADE_MS = 90_000;
const STEP_MS = 30_000;
const STOP_MS_MAX = 5_000;

/** The panic button is held for a second before it acts. */
const HOLD_MS = 1_300;

describe('a day with Kairos', () => {
  let kairos: Kairos;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    kairos = await startKairos({ FEED_SEED: '7', FEED_SPEED: '240' });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 960 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.setDefaultTimeout(STEP_MS);
  });

  afterAll(async () => {
    await browser?.close();
    await kairos?.stop();
  });

  const text = (testid: string): Promise<string> => page.getByTestId(testid).innerText();
  const waitFor = (what: string, holds: () => Promise<boolean>, ms = STEP_MS): Promise<void> =>
    expect.poll(holds, { timeout: ms, interval: 250, message: what }).toBe(true);

  it('refuses a wrong password and lets the right one in', async () => {
    await page.goto(kairos.url);
    await page.getByTestId('login-username').fill('admin');
    await page.getByTestId('login-password').fill('not-the-password');
    await page.getByTestId('login-submit').click();
    await page.getByRole('alert').first().waitFor();
    await login(page, kairos.url);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('says that money and prices are not real', async () => {
    expect(await text('mode-badge')).toBe('PAPER');
    expect(await text('feed-badge')).toContain('SIMULATED');
    expect(await page.title()).toContain('PAPER');
  });

  it('shows trades as they are made', async () => {
    await waitFor(
      'a trade is listed',
      async () => (await page.getByTestId('trades-table').locator('tbody tr').count()) > 0,
      FIRST_TRADE_MS,
    );
    await waitFor(
      'the trade is counted',
      async () => Number(await page.getByTestId('tile-trades').getAttribute('data-value')) > 0,
    );
  });

  it('lists signals with what became of them', async () => {
    await waitFor('a decision is shown', async () =>
      /opened|closed|denied/i.test(await page.getByTestId('signals-list').innerText()),
    );
  });

  it('moves figures and curve without a reload', async () => {
    const equity = await page.getByTestId('tile-equity').getAttribute('data-value');
    await waitFor(
      'the equity moves',
      async () => (await page.getByTestId('tile-equity').getAttribute('data-value')) !== equity,
      FIRST_TRADE_MS,
    );
    const drawn = await page.getByTestId('equity-curve').screenshot();
    await waitFor('the curve moves', async () => !(await page.getByTestId('equity-curve').screenshot()).equals(drawn));
  });

  it('keeps the session over a reload, without a password', async () => {
    await page.reload();
    await page.getByTestId('tile-equity').waitFor();
  });

  it('says so while the engine is gone, and goes on when it is back', async () => {
    kairos.kill('engine');
    await waitFor('the engine’s light says so', async () => (await engineLight()) !== 'good');
    await waitFor('the engine is back', async () => (await engineLight()) === 'good', 60_000);
  });

  it('panics: asks once, tells each step, and is flat', async () => {
    await page.keyboard.press('Shift+P');
    await page.getByTestId('panic-sheet').waitFor();
    expect(await page.getByTestId('panic-cancel').evaluate((button) => button === document.activeElement)).toBe(true);
    const confirm = await page.getByTestId('panic-confirm').boundingBox();
    if (!confirm) throw new Error('the confirm button is not on the page');
    await page.mouse.move(confirm.x + confirm.width / 2, confirm.y + confirm.height / 2);
    await page.mouse.down();
    await page.waitForTimeout(HOLD_MS);
    await page.mouse.up();
    await waitFor(
      'the command is done',
      async () => (await page.getByTestId('panic-progress').getAttribute('data-status')) === 'DONE',
    );
    expect(await text('panic-progress')).toMatch(/flat/i);
    await page.keyboard.press('Escape');
    await waitFor('the account is stopped', async () => (await text('status')) === 'STOPPED');
    expect(await page.getByTestId('positions-table').locator('tbody tr').count()).toBe(0);
  });

  it('stays stopped when the engine dies and comes back', async () => {
    kairos.kill('engine');
    await waitFor('the engine’s light says so', async () => (await engineLight()) !== 'good');
    await waitFor('the engine is back', async () => (await engineLight()) === 'good', 60_000);
    expect(await text('status')).toBe('STOPPED');
  });

  it('trades again only when resumed', async () => {
    await page.getByTestId('resume').click();
    await page.getByTestId('resume-confirm').click();
    await waitFor('the account runs', async () => (await text('status')) === 'RUNNING');
  });

  it('survives the api too: the page says so, and finds its way back alone', async () => {
    kairos.kill('api');
    await page.getByTestId('disconnected').waitFor();
    await page.getByTestId('disconnected').waitFor({ state: 'detached', timeout: 60_000 });
    await waitFor('the account runs', async () => (await text('status')) === 'RUNNING');
  });

  it('had no error in the page, and ends within 5 s', async () => {
    expect(errors).toEqual([]);
    expect(await kairos.stop()).toBeLessThan(STOP_MS_MAX);
  });

  const engineLight = (): Promise<string | null> => page.getByTestId('engine-light').getAttribute('data-state');
});
