// The images that pictures are taken of: the demo's, a guest with a system in it, and a disk that reads another file.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * For the pages: all that the demo has, and the two others.
 * @param {string} directory is created
 */
export async function writePageImages(directory) {
  const { makeDemoImages, writeCatalog, writeQcow2 } = await loadDemo();
  await mkdir(directory);
  await writeCatalog(directory, makeDemoImages());
  await writeFile(join(directory, 'debian-12-generic.qcow2'), await readGuest());
  await writeFile(join(directory, 'layered.qcow2'), makeLayered(writeQcow2));
}

/**
 * For a terminal: a few, without records, so that names and ids come from the files' names.
 * @param {string} directory is created
 */
export async function writeTerminalImages(directory) {
  const { makeDemoImages, writeQcow2 } = await loadDemo();
  const dataOf = (/** @type {string} */ name) => {
    const found = makeDemoImages().find(({ image }) => image.name === name);
    if (found === undefined) throw new Error(`the demo has no image ${name}`);
    return found.data;
  };
  await mkdir(directory);
  await writeFile(join(directory, 'appliance.vmdk'), dataOf('Appliance'));
  await writeFile(join(directory, 'debian-12-generic.qcow2'), await readGuest());
  await writeFile(join(directory, 'nightly-build.qcow2'), makeLayered(writeQcow2));
  await writeFile(join(directory, 'rescue-cd.iso'), dataOf('Rescue CD'));
}

/**
 * The demo's own modules, bundled, as Node 20 reads no TypeScript.
 * @returns {Promise<typeof import('../../examples/demo/catalog.ts') & typeof import('../../examples/demo/images/qcow2.ts')>}
 */
async function loadDemo() {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from './catalog.ts'; export * from './images/qcow2.ts';`,
      resolveDir: join(root, 'examples', 'demo'),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const code = outputFiles.map(({ text }) => text).join('');
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** A Debian, as qcow2. */
async function readGuest() {
  return gunzipSync(await readFile(join(root, 'test', 'fixtures', 'disk', 'guest.qcow2.gz')));
}

/**
 * A disk whose backing file is a file of the host.
 * @param {typeof import('../../examples/demo/images/qcow2.ts').writeQcow2} writeQcow2
 */
function makeLayered(writeQcow2) {
  return writeQcow2({ size: 2 ** 30, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
}
