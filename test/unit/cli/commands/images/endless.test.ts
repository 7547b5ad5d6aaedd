// Lists that have no end.
import { expect, test } from 'vitest';
import { jsonServer } from '../../../../support/servers/json-server.ts';
import { runCli } from '../../../../support/run-cli.ts';

/** A Glance v2 with an endless number of images of one name, the newest of each page last. */
async function endlessGlance(): Promise<{ env: Record<string, string>; pages: () => number }> {
  let [made, pages] = [0, 0];
  const { url } = await jsonServer(({ pathname, searchParams }) => {
    if (pathname !== '/v2/images') return null;
    pages++;
    const images = Array.from({ length: Number(searchParams.get('limit')) }, () => ({
      id: `i${String(made++)}`,
      name: 'same',
      status: 'active',
      created_at: new Date(made * 1000).toISOString(),
    }));
    return { body: { images, next: '/v2/images?marker=x' } };
  });
  return { env: { OS_IMAGE_ENDPOINT_OVERRIDE: new URL('/v2', url).href }, pages: () => pages };
}

test('limits how many of an endless number of images with one name it requests and lists as candidates', async () => {
  const { env, pages } = await endlessGlance();
  const { code, stderr } = await runCli(['show', 'same', '--error-format', 'json'], { env });
  const { code: kind, matches } = JSON.parse(stderr) as { code: string; matches: readonly object[] };
  expect([code, kind, matches.length, pages()]).toEqual([3, 'image.ambiguous', 2000, 2]);
});

test('lists no more images of an endless list than requested', async () => {
  const { env, pages } = await endlessGlance();
  const { code, stdout } = await runCli(['list', '--limit', '1500', '-f', 'ndjson'], { env });
  expect([code, stdout.trim().split('\n').length, pages()]).toEqual([0, 1500, 2]);
});
