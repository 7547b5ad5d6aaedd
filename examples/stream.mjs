// Compresses an image on its way to a file, which gets its name only once the last byte has arrived and the digest matches.
//   node examples/stream.mjs NAME FILE.gz
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { escapeControls, GlanceClient, GlanceError } from 'glance-cli';

const [name, file] = process.argv.slice(2);
if (name === undefined || file === undefined) throw new Error('NAME and FILE are required');

const glance = await GlanceClient.connect({ env: process.env });
try {
  await pipeline(glance.open(name, { requireChecksum: true }), createGzip(), createWriteStream(`${file}.part`));
  await rename(`${file}.part`, file);
  console.log(`${file} is whole and verified`);
} catch (error) {
  await rm(`${file}.part`, { force: true });
  if (!(error instanceof GlanceError)) throw error;
  console.error(escapeControls(`${error.message} [${error.code}]`));
  process.exitCode = 1;
} finally {
  await glance.close();
}
