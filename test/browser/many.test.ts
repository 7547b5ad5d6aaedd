import { pathToFileURL } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainFinding } from '../../src/disk/parsing/finding.ts';
import { hazard } from '../../src/disk/parsing/hazards.ts';
import { createReport, undeclared } from '../../src/disk/report.ts';
import { AuditPage } from '../../src/pages/audit-page.ts';
import { makeImage } from '../support/images.ts';
import { tempDir } from '../support/temp-dir.ts';
import { executablePath, findBarriers, openPage, overflowOf, shownNames, startBrowser } from './chromium.ts';
import { serveImages, type Site } from './site.ts';

const images = 10_000;
const reports = 1000;
/** A keystroke may take 100 ms on any machine that does this much other work in 100 ms or less. */
const mostMs = 100;

/** Milliseconds for unrelated work in the browser: how fast the machine is at the moment. */
const measureBaseline = `(() => {
  const begun = performance.now();
  let text = '';
  for (let index = 0; index < 1_000_000; index++) text = String(index) + text.slice(0, 20);
  return text === '' ? 0 : performance.now() - begun;
})()`;

/** Milliseconds from each letter typed to the new layout. */
const measureTyping = (word: string): string => `(() => {
  const field = document.querySelector('input[type=search]');
  const times = [];
  for (let length = 1; length <= ${String(word.length)}; length++) {
    const begun = performance.now();
    field.value = ${JSON.stringify(word)}.slice(0, length);
    field.dispatchEvent(new Event('input'));
    document.body.getBoundingClientRect();
    times.push(performance.now() - begun);
  }
  return times;
})()`;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe.skipIf(executablePath === null)('pages of many images', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    const entries = Array.from({ length: images }, (_, index) => ({
      image: makeImage({ id: `id-${String(index)}`, name: `ubuntu-24.04-server-${String(index)}`, size: index }),
      data: null,
      members: [],
    }));
    [browser, site] = await Promise.all([startBrowser(), serveImages(entries)]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  it('filters ten thousand within 100 ms a keystroke', async () => {
    const { page, troubles } = await openPage(browser, site.url);
    const baseline = await page.evaluate<number>(measureBaseline);
    const times = await page.evaluate<number[]>(measureTyping('server-123 id'));
    expect(await page.getByRole('status').textContent()).toBe(`11 of ${String(images)} images`);
    const bound = Math.max(mostMs, baseline);
    expect(median(times), `of ${times.join(', ')} ms`).toBeLessThan(bound);
    expect(troubles).toEqual([]);
  });

  it('sorts ten thousand, and shows all of them when asked', async () => {
    const { page } = await openPage(browser, site.url);
    await page.getByRole('button', { name: 'Size' }).click();
    await page.getByRole('button', { name: 'Size' }).click();
    expect((await shownNames(page))[0]).toBe(`ubuntu-24.04-server-${String(images - 1)}`);
    await page.getByRole('button', { name: 'show all 10000' }).click();
    expect(await shownNames(page)).toHaveLength(images);
  });

  it('quickly opens an audit of a thousand as a file', async () => {
    const audit = new AuditPage({ madeAt: '2026-11-26T10:00:00Z' });
    const codes = ['backing_file', 'host_keys', 'machine_id_set', 'password_set'] as const;
    for (let index = 0; index < reports; index += 1) {
      const hazards = codes.slice(index % codes.length).map((code) => hazard(code, `about ${code}`));
      const name = `image ${String(index)}`;
      const inspected = { id: `id-${String(index)}`, name, path: null, size: 4096, declared: undeclared };
      audit.add(createReport(inspected, { ...plainFinding('qcow2'), virtualSize: 2n ** 31n, hazards }, 0));
    }
    const path = join(await tempDir(), 'audit.html');
    await writeFile(path, [...audit.render()].join(''));
    const { page, troubles } = await openPage(browser, pathToFileURL(path).href);
    const baseline = await page.evaluate<number>(measureBaseline);
    const opened = await page.evaluate<number>(`performance.getEntriesByType('navigation')[0].loadEventEnd`);
    expect(opened).toBeLessThan(Math.max(1000, 10 * baseline));
    await page.getByLabel('Filter').fill('image 77');
    expect((await shownNames(page))[0]).toBe('image 77');
    await page.getByRole('link', { name: 'image 77', exact: true }).click();
    expect(await page.getByRole('heading', { name: 'image 77', exact: true }).isVisible()).toBe(true);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await overflowOf(page)).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('shows an audit that is accessible', async () => {
    const audit = new AuditPage({ madeAt: '2026-11-26T10:00:00Z' });
    for (const name of ['a', 'b']) {
      const inspected = { id: name, name, path: null, size: 4096, declared: undeclared };
      const hazards = [hazard('backing_file', 'about it'), hazard('host_keys', 'about them')];
      audit.add(createReport(inspected, { ...plainFinding('qcow2'), virtualSize: 2n ** 31n, hazards }, 0));
    }
    const path = join(await tempDir(), 'audit.html');
    await writeFile(path, [...audit.render()].join(''));
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, pathToFileURL(path).href, { colorScheme });
      expect(await findBarriers(page)).toEqual([]);
    }
  });
});
