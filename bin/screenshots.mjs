#!/usr/bin/env node
// `npm run screenshots`: pictures of the pages, from a real run on the demo's images, into docs/. With a directory as its
// argument, it puts every page there in two themes and three widths, for inspection.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { writePageImages } from './pictures/images.mjs';
import { program, serve } from './pictures/serve.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'glance-cli-screenshots-'));
const [, , everyLook] = process.argv;

/**
 * An audit of what is served, as a file. It exits with the code of an unsafe image, which is ignored.
 * @param {string} url
 */
async function audit(url) {
  const file = join(scratch, 'audit.html');
  const argv = [program, '--endpoint', url, 'inspect', '--all', '--contents', '--html', file];
  await promisify(execFile)(process.execPath, argv).catch(() => undefined);
  return pathToFileURL(file).href;
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions & { url: string, name: string, directory: string }} options
 */
async function take(browser, { url, name, directory, ...look }) {
  const page = await browser.newPage(look);
  await page.goto(url);
  // Findings are made in the background, and may not be there yet.
  while ((await page.getByText('not inspected yet').count()) > 0) await page.reload();
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: everyLook !== undefined });
  await page.close();
}

try {
  const images = join(scratch, 'images');
  await writePageImages(images);
  const { url, stop } = await serve(images);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const id = await page.getByRole('link', { name: 'debian-12-generic' }).getAttribute('href');
    await page.close();
    const pages = { catalogue: url, image: new URL(id ?? '', url).href, audit: await audit(url) };
    for (const [name, address] of Object.entries(pages)) {
      const one = { url: address, name, directory: join(root, 'docs') };
      if (everyLook === undefined) {
        await take(browser, {
          ...one,
          colorScheme: name === 'image' ? 'dark' : 'light',
          viewport: { width: 1000, height: 720 },
        });
        continue;
      }
      await mkdir(everyLook, { recursive: true });
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        for (const width of [360, 1200, 2560]) {
          const look = { colorScheme, viewport: { width, height: 900 }, directory: everyLook };
          await take(browser, { ...one, ...look, name: `${name}-${colorScheme}-${String(width)}` });
        }
      }
    }
  } finally {
    await browser.close();
    stop();
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
