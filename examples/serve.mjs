// Gives a command a Glance of its own, which serves a directory of images or a mirror in a bucket, and ends with the command.
//   node examples/serve.mjs DIRECTORY|s3://BUCKET/PREFIX COMMAND [ARGUMENT…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { escapeControls, GlanceError, serve } from 'glance-cli';

const [place, command, ...args] = process.argv.slice(2);
if (place === undefined || command === undefined) throw new Error('a place and COMMAND are required');
const tell = (/** @type {string} */ text) => console.error(escapeControls(text));

try {
  const server = await serve(place, {
    port: 0,
    pages: false,
    connect: { env: process.env, onWarning: tell },
    onRequest: ({ method, path, status, bytes }) => tell(`${method} ${path} ${status}, ${bytes} bytes`),
    onFailure: ({ path, error }) => tell(`${path}: ${String(error)}`),
  });
  try {
    const env = { ...process.env, OS_CLOUD: '', OS_AUTH_TYPE: 'none', OS_ENDPOINT: server.url.href };
    const [code] = await once(spawn(command, args, { env, stdio: 'inherit' }), 'exit');
    process.exitCode = code ?? 1;
  } finally {
    await server.close();
  }
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  tell(`${error.message} [${error.code}]`);
  process.exitCode = 1;
}
