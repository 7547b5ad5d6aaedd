#!/usr/bin/env node
// `npm run screenshots`: pictures of the pages, from a real run on the demo's images, into docs/. With a directory as its argument
// every page in two themes and three widths goes there, to be looked at.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'bin', 'glance-cli.js');
const scratch = await mkdtemp(join(tmpdir(), 'glance-cli-screenshots-'));
const [, , everyLook] = process.argv;

/** The demo's images, a guest with a system in it, and a disk that reads another file. */
async function makeImages(directory) {
  await mkdir(directory);
  const outfile = join(scratch, 'demo.mjs');
  const contents = `export * from './catalog.ts'; export * from './images/qcow2.ts';`;
  const resolveDir = join(root, 'examples', 'demo');
  await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const { makeDemoImages, writeCatalog, writeQcow2 } = await import(pathToFileURL(outfile).href);
  await writeCatalog(directory, makeDemoImages());
  const guest = gunzipSync(await readFile(join(root, 'test', 'fixtures', 'disk', 'guest.qcow2.gz')));
  await writeFile(join(directory, 'debian-12-generic.qcow2'), guest);
  const backed = writeQcow2({ size: 2 ** 30, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
  await writeFile(join(directory, 'layered.qcow2'), backed);
}

async function serve(directory) {
  const server = spawn(process.execPath, [program, 'serve', directory, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(server.stdout, 'data');
  return { server, url: line.toString().trim() };
}

/** An audit of what is served, as a file. An image that is unsafe makes its exit code. */
async function audit(url) {
  const file = join(scratch, 'audit.html');
  const argv = [program, '--endpoint', url, 'inspect', '--all', '--contents', '--html', file];
  await promisify(execFile)(process.execPath, argv).catch(() => undefined);
  return pathToFileURL(file).href;
}

async function take(browser, { url, name, directory, ...look }) {
  const page = await browser.newPage(look);
  await page.goto(url);
  // What is looked for in the background may not be there yet.
  while ((await page.getByText('not looked at yet').count()) > 0) await page.reload();
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: everyLook !== undefined });
  await page.close();
}

try {
  const images = join(scratch, 'images');
  await makeImages(images);
  const { server, url } = await serve(images);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
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
      for (const colorScheme of ['light', 'dark']) {
        for (const width of [360, 1200, 2560]) {
          const look = { colorScheme, viewport: { width, height: 900 }, directory: everyLook };
          await take(browser, { ...one, ...look, name: `${name}-${colorScheme}-${String(width)}` });
        }
      }
    }
  } finally {
    await browser.close();
    server.kill();
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
