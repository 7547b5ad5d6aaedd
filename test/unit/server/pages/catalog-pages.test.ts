import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import type { Answer, HandlerOptions } from '../../../../src/server/answers/answer.ts';
import { answerRequest, defaultHandlerOptions } from '../../../../src/server/handler.ts';
import { type CatalogImage, makeCatalog } from '../../../../src/server/images/catalog.ts';
import { ServedInspections } from '../../../../src/server/inspections/inspections.ts';
import { answerPages } from '../../../../src/server/pages/catalog-pages.ts';
import { fetchCommands } from '../../../../src/server/pages/fetch-commands.ts';
import { makeEntry, makeImage, readBody } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const bad = writeQcow2({ size: 2 ** 23, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
const entries: readonly CatalogImage[] = [
  makeEntry('data', { id: '10', name: 'b 10', owner: null }),
  makeEntry(bad, { id: '2', name: 'b 2 <script>', disk_format: 'qcow2', properties: { os: '"><img src=x>' } }),
  { image: makeImage({ id: '3', name: 'secret', visibility: 'private', owner: 'us' }), data: null, members: [] },
  { image: makeImage({ id: '4', name: 'gone', status: 'killed' }), data: null, members: [] },
];

interface Site {
  readonly inspections: ServedInspections;
  readonly get: (line: string, headers?: Readonly<Record<string, string>>) => Promise<Answer & { text: string }>;
}

function open(options: Partial<HandlerOptions> = {}): Site {
  const catalog = makeCatalog(entries);
  const inspections = new ServedInspections({ catalog, clock: new ManualClock(), contents: true, store: null });
  const view = options.view ?? 'everything';
  const pages = answerPages({ catalog, inspections, view, title: 'images', wordAdvice: (advice) => `[${advice}]` });
  const get: Site['get'] = async (line, headers = {}) => {
    const [method = '', target = ''] = line.split(' ');
    const request = {
      method,
      target,
      headers: new Map(Object.entries({ accept: browser, host: 'mirror:9292', ...headers })),
    };
    const answer = answerRequest(request, catalog, {
      ...defaultHandlerOptions,
      newRequestId: () => 'req-1',
      pages,
      ...options,
    });
    return { ...answer, text: (await readBody(answer.body)).toString() };
  };
  return { inspections, get };
}

const headersOf = ({ headers }: Answer): Readonly<Record<string, string>> => Object.fromEntries(headers);

it('shows a browser the images by name, with findings once they are known', async () => {
  const { get, inspections } = open();
  const first = await get('GET /');
  expect(first.text.indexOf('b 2 &lt;script&gt;')).toBeLessThan(first.text.indexOf('b 10'));
  expect(first.text.match(/not inspected yet/g)).toHaveLength(3);
  expect(first.text).toContain('<a href="page/2">');
  expect(first.text).not.toContain('gone');
  await inspections.settled();
  const second = await get('GET /');
  expect(second.text).toContain('<span class="bad">unsafe</span><br><span class="soft">backing file</span>');
  expect(headersOf(second)['ETag']).not.toBe(headersOf(first)['ETag']);
});

it('shows an image: hazards with advice, digests to copy, the commands that fetch it from here', async () => {
  const { get, inspections } = open();
  expect((await get('GET /page/2')).text).toContain('Its data has not been inspected yet.');
  await inspections.settled();
  const { text } = await get('GET /page/2');
  expect(text).toMatch(/backing file<\/span>: .*To do: \[/);
  expect(text).toContain('curl --fail --output ');
  expect(text).toContain('http://mirror:9292/v2/images/2/file');
  expect(text).toMatch(/<button class="act" type="button" data-copy="[0-9a-f]{32}"/);
  expect(text).not.toContain('<script>b');
  expect(text).not.toContain('<img');
});

it('gives programs the same as without pages, byte for byte', async () => {
  const [withPages, without] = [open(), open({ pages: null })];
  for (const line of ['GET /', 'HEAD /', 'GET /page/2', 'POST /', 'GET /v2/images', 'GET /versions', 'OPTIONS /']) {
    for (const accept of ['*/*', 'application/json', '', 'text/html;q=0.5, application/json']) {
      expect(await withPages.get(line, { accept })).toEqual(await without.get(line, { accept }));
    }
  }
  for (const line of ['GET /v2/images', 'GET /versions', 'GET /v1/images/2', 'POST /', 'GET /elsewhere']) {
    expect(await withPages.get(line)).toEqual(await without.get(line));
  }
});

it('has no pages if a token is required', async () => {
  const [withPages, without] = [open({ token: 'secret' }), open({ token: 'secret', pages: null })];
  for (const line of ['GET /', 'GET /page/2']) expect(await withPages.get(line)).toEqual(await without.get(line));
});

it('lets a page load nothing, be framed nowhere, and be cached only by its browser', async () => {
  const { get } = open();
  for (const [line, status] of [
    ['GET /', 200],
    ['GET /page/2', 200],
    ['GET /page/none', 404],
  ] as const) {
    const answer = await get(line);
    expect(answer.status).toBe(status);
    expect(headersOf(answer)).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/) as unknown,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'private, no-cache',
      Vary: 'Accept',
    });
    expect(await get(line.replace('GET', 'HEAD'))).toMatchObject({ status, headers: answer.headers, body: null });
  }
});

it('answers 304 to a browser that has the page', async () => {
  const { get, inspections } = open();
  await get('GET /');
  await inspections.settled();
  for (const line of ['GET /', 'GET /page/2']) {
    const etag = headersOf(await get(line))['ETag'] ?? '';
    expect(await get(line, { 'if-none-match': `"other", ${etag}` })).toMatchObject({ status: 304, body: null });
    expect(await get(line, { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
  }
});

it('shows what a list shows to anybody, and no more', async () => {
  const { get } = open({ view: 'anonymous' });
  expect((await get('GET /')).text).not.toContain('secret');
  expect((await get('GET /page/3')).status).toBe(404);
  expect((await open().get('GET /page/3')).text).toContain('There is no data to inspect.');
});

it.each(['%', '%00', '%ff', '..%2f..', '', '/', '%3Cscript%3E', 'a'.repeat(10_000), '2/', '2?x=y#z'])(
  'has an answer to whatever is asked for: %j',
  async (id) => {
    const { status, text } = await open().get(`GET /page/${id}`);
    expect(status).toBe(id.startsWith('2?') ? 200 : 404);
    expect(text).not.toContain('<script>a');
  },
);

it('uses the host that the request names, if that is valid', async () => {
  const { get } = open();
  expect((await get('GET /page/2', { host: '"><script>' })).text).toContain('http://localhost/v2/images/2/file');
});

it('prints commands that are safe in a shell, whatever the record says', () => {
  // For each name, a shell prints the words of all its commands.
  const wordsOf = (lines: readonly string[]): string[][] => {
    const print = `p() { for w; do printf '%s\\n' "$w"; done; echo ===; }`;
    const script = ['set -f', print, ...lines.map((line) => `p ${line}`)].join('\n');
    const output = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    return output.split('===\n').map((words) => words.split('\n'));
  };
  for (const name of ["it's; $(touch x) `y`\n", '-rf', '../../etc/passwd', '', '...', '日本 "a"']) {
    const made = ['1', "a';b", '$HOME', '-x', 'a b', '..'].map((id) => {
      const commands = fetchCommands(makeImage({ id, name, disk_format: 'raw' }), 'http://[::1]:9292');
      return { id, commands };
    });
    const printed = wordsOf(made.flatMap(({ commands }) => commands.map(({ line }) => line)));
    for (const { id, commands } of made) {
      for (const words of printed.splice(0, commands.length)) {
        const uri = `http://[::1]:9292/v2/images/${encodeURIComponent(id)}`;
        expect(words).toContain({ curl: `${uri}/file`, 'glance-cli': uri, openstack: id }[words[0] ?? '']);
        expect(words).toHaveLength({ curl: 6, openstack: 11, 'glance-cli': 6 }[words[0] ?? ''] ?? 0);
      }
      expect(commands).toHaveLength(id === '-x' || id === 'a b' ? 2 : 3);
    }
    expect(printed).toEqual([['']]);
  }
});
