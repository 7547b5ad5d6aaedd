// A browser installed on the system, and pages that report whatever goes wrong in them.
import { accessSync, constants } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const places = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The program: what CHROMIUM names, or where Debian and others install it; null if there is none. */
export const executablePath = places.find(isThere) ?? null;

if (executablePath === null)
  process.stderr.write('SKIPPED: there is no Chromium here: apt-get install chromium, or name one in CHROMIUM\n');

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts it headless. */
export function startBrowser(): Promise<Browser> {
  // Its sandbox is unavailable to root, and in most containers; the tests make everything it shows.
  return chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
}

/** A page, and its problems so far: console messages, errors, requests to other servers, dialogs. */
export interface WatchedPage {
  readonly page: Page;
  readonly troubles: readonly string[];
}

/**
 * Opens a page like a first-time visitor.
 * @param url of a server, or of a file
 */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  const own = url.startsWith('file:') ? url : `${new URL(url).origin}/`;
  page.on('console', (message) => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(own)) troubles.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, troubles };
}

/** Its problems of accessibility, according to axe. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>(
    'axe.run()',
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}

/** Pixels by which it is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** Visible names in the first column of its table. */
export async function shownNames(page: Page): Promise<readonly string[]> {
  return await page.locator('table.rows tbody tr:not([hidden]) a').allTextContents();
}
