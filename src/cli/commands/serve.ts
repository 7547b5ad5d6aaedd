import { resolve } from 'node:path';
import { loadCatalog } from '../../server/directory.ts';
import { startServer } from '../../server/app.ts';
import { escapeControls } from '../../output/escape.ts';
import type { Context } from '../context.ts';
import { readToken } from '../settings.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly v1Style: 'glance' | 'document';
}

/** `serve <dir>`: a directory of images as a read-only Glance, until a signal ends it. */
export async function serve(context: Context, directory: string, options: ServeOptions): Promise<void> {
  const { runtime } = context;
  const catalog = await loadCatalog(resolve(runtime.cwd, directory));
  // A token is only asked for if one is given with this command: OS_TOKEN is the one for another cloud.
  const token = context.options.tokenFile === undefined ? null : await readToken(runtime, context.options);
  const server = await startServer({
    catalog,
    host: options.host,
    port: options.port,
    style: options.v1Style,
    ranges: true,
    token,
    onRequest: ({ method, path, status, bytes }) => {
      context.note(`${method} ${escapeControls(path)} ${String(status)} ${String(bytes)}`);
    },
  });
  runtime.stdout.write(`${server.url.href}\n`);
  await new Promise<void>((done) => {
    if (runtime.signal.aborted) done();
    else runtime.signal.addEventListener('abort', () => done(), { once: true });
  });
  await server.close();
}
