import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { escapeControls } from '../../src/text/escape.ts';
import { executablePath, findBarriers, openPage, overflowOf, shownNames, startBrowser } from './chromium.ts';
import { hostileNames, makeImages, serveImages, type Site } from './site.ts';

describe.skipIf(executablePath === null)('the catalogue of serve', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([startBrowser(), serveImages(makeImages())]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });
  const pages = ['', 'page/guest', 'page/unsafe', 'page/none'];

  it('filters as you type, by all words, and shows how many are left', async () => {
    const { page, troubles } = await openPage(browser, site.url);
    const all = await shownNames(page);
    await page.getByLabel('Filter').pressSequentially('ubuntu');
    expect(await shownNames(page)).toEqual(['Ubuntu 10.04 Plain', 'Ubuntu 10.04 Plain 5GB']);
    await page.getByLabel('Filter').pressSequentially(' VHD');
    expect(await shownNames(page)).toEqual(['Ubuntu 10.04 Plain 5GB']);
    expect(await page.getByRole('status').textContent()).toBe(`1 of ${String(all.length)} images`);
    await page.getByLabel('Filter').clear();
    expect(await shownNames(page)).toEqual(all);
    expect(troubles).toEqual([]);
  });

  it('sorts by any column, both ways, and by number where there are numbers', async () => {
    const { page } = await openPage(browser, site.url);
    const sizes = async (): Promise<readonly number[]> =>
      await page.evaluate<number[]>(
        `[...document.querySelectorAll('td[data-sort]')].map((cell) => +cell.dataset.sort)`,
      );
    const head = page.getByRole('columnheader', { name: 'Size' });
    await head.getByRole('button').click();
    expect(await sizes()).toEqual((await sizes()).toSorted((a, b) => a - b));
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await head.getByRole('button').click();
    expect(await sizes()).toEqual((await sizes()).toSorted((a, b) => b - a));
    for (const name of ['Name', 'Verdict', 'Format', 'System', 'Created', 'Id']) {
      await page.getByRole('button', { name, exact: true }).click();
      expect(await page.getByRole('columnheader', { name }).getAttribute('aria-sort')).toBe('ascending');
      expect(await head.getAttribute('aria-sort')).toBeNull();
    }
  });

  it('opens an image, with its disk drawn, hazards with advice and commands to fetch it, and goes back', async () => {
    const { page, troubles } = await openPage(browser, site.url);
    await page.getByRole('link', { name: 'Guest', exact: true }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Guest');
    const picture = await page.getByRole('img', { name: 'the disk, to scale' }).boundingBox();
    expect(picture?.width).toBeGreaterThan(600);
    const parts = await page.evaluate<number[]>(
      `[...document.querySelectorAll('svg rect.room, svg rect.what')].map((part) => part.getBoundingClientRect().width)`,
    );
    expect(parts.reduce((sum, width) => sum + width, 0)).toBeCloseTo(picture?.width ?? 0, 0);
    expect(await page.getByText('host keys').count()).toBe(1);
    expect(await page.getByText('To do:').count()).toBe(5);
    expect(await page.getByText(`${site.url}v2/images/guest/file`).count()).toBe(1);
    await page.getByRole('link', { name: 'All images' }).click();
    expect(page.url()).toBe(site.url);
    expect(troubles).toEqual([]);
  });

  it('copies digests and lines', async () => {
    const { page } = await openPage(browser, `${site.url}page/guest`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'copy the md5' }).click();
    await page.getByText('copied').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^[0-9a-f]{32}$/);
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    await page.getByRole('button', { name: 'copy the line for curl' }).click();
    await page.getByText('copied').last().waitFor();
    expect(await page.locator('textarea').count()).toBe(0);
  });

  it.each(pages)('is accessible in both themes: /%s', async (path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, site.url + path, { colorScheme });
      expect(await findBarriers(page)).toEqual([]);
    }
  });

  it.each(pages)('never scrolls sideways, at any width: /%s', async (path) => {
    const { page } = await openPage(browser, site.url + path);
    for (const width of [360, 768, 1200, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await overflowOf(page)]).toEqual([width, 0]);
    }
  });

  it('is dark if the browser prefers that', async () => {
    const backgrounds = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const { page } = await openPage(browser, site.url, { colorScheme });
        return await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      }),
    );
    expect(backgrounds).toEqual(['rgb(255, 255, 255)', 'rgb(20, 24, 28)']);
  });

  it('is fully readable without scripts, and then offers no dead controls', async () => {
    const options = { javaScriptEnabled: false };
    const list = await openPage(browser, site.url, options);
    expect(await list.page.locator('tbody tr:visible').count()).toBe(makeImages().length);
    expect(await list.page.locator('input:visible, button:visible').count()).toBe(0);
    const image = await openPage(browser, `${site.url}page/guest`, options);
    expect(await image.page.getByText('Debian GNU/Linux 12 (bookworm)').isVisible()).toBe(true);
    expect(await image.page.locator('svg rect:visible').count()).toBeGreaterThan(2);
    expect(await image.page.locator('button:visible').count()).toBe(0);
  });

  it('can be used by keyboard', async () => {
    const { page } = await openPage(browser, site.url);
    const focused = async (): Promise<string> => await page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Tab');
    await page.keyboard.type('guest');
    expect(await shownNames(page)).toEqual(['Guest']);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Name');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending');
    for (let heads = 0; heads < 7; heads += 1) await page.keyboard.press('Tab');
    expect(await focused()).toBe('Guest');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/page/guest');
  });

  it('shows hostile names as text', async () => {
    const { page, troubles } = await openPage(browser, site.url);
    const names = await shownNames(page);
    for (const [index, name] of hostileNames.entries()) {
      expect(names).toContain(escapeControls(name));
      const id = `${String(index)} ${name}`;
      await page.goto(`${site.url}page/${encodeURIComponent(id)}`);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(escapeControls(name));
      await page.mouse.move(300, 60);
      expect(await page.locator('main img, main script, main [onload], main [onmouseover]').count()).toBe(0);
      expect(await overflowOf(page)).toBe(0);
    }
    expect(troubles).toEqual([]);
  });

  it('says in HTML that there is no such image', async () => {
    const { page } = await openPage(browser, site.url);
    expect((await page.goto(`${site.url}page/none`))?.status()).toBe(404);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('No such image');
  });
});
