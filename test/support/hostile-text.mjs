// Feeds every matcher and parser of text from strangers the texts that are worst for it. Runs as a separate process, which can
// be killed: anything that takes quadratic time would go on for hours. Says what it is about to do before each step.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const built = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, built).href);

/** Characters of each text. Anything that takes quadratic time needs seven seconds for 100,000, anything else milliseconds. */
const length = Number(process.argv[2] ?? 100_000);
/**
 * The limit for one text in seconds of processor time, which does not depend on other load: four times what the slowest takes.
 */
const mostSeconds = length / 100_000;
const usedSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** How much had been used when the current text was begun. */
const usedBefore = new Float64Array(new SharedArrayBuffer(8)).fill(Infinity);
// In a thread of its own, since code that does not end lets no timer of its thread run.
new Worker(
  `const { usedBefore, mostSeconds } = require('node:worker_threads').workerData;
  const usedSeconds = ${String(usedSeconds)};
  setInterval(() => {
    if (usedSeconds() - usedBefore[0] > mostSeconds) process.kill(process.pid, 'SIGKILL');
  }, 100);`,
  { eval: true, workerData: { usedBefore, mostSeconds } },
).unref();

/** What patterns repeat: blanks, digits, marks, marks that open something, invisible and combining characters, emoji. */
const units = [
  ' ',
  '\t\n',
  'a',
  'a-',
  'A.',
  '0',
  '1_',
  '1:',
  '-',
  '/',
  '.',
  '<',
  '<head',
  '<br',
  '"',
  '%',
  '%41',
  '{}',
  '(',
  '@',
  ',',
  '=',
  '&a=',
  '\\',
  '\u0301\u0323',
  '\u200d',
  '😀\u200d',
  '\ud800',
  'é ',
];
/** Before and after: what lets a match begin, and what makes it fail at the very end. */
const frames = [
  ['', ''],
  ['x', '\r!'],
];
function* hostileTexts(own) {
  for (const unit of [...units, ...own]) {
    const run = unit.repeat(Math.ceil(length / unit.length));
    for (const [before, behind] of frames) yield [`${before}${unit}…${behind}`, before + run + behind];
  }
}

/** For functions that print, in which each character costs more: fewer and shorter texts. */
const printedUnits = [' ', 'a-', '1_', '1:', '"', '\t\n', '\u0301\u0323', '😀\u200d', '\ud800', 'é '];
function* printedTexts() {
  for (const unit of printedUnits) yield [`${unit}…`, unit.repeat(Math.ceil(length / 8 / unit.length))];
}

const http = await load('http/connect/failures.js');
const body = await load('http/text/error-body.js');
const redact = await load('http/secrets/redact.js');
const status = await load('http/status.js');
const proxy = await load('http/connect/proxy.js');
const redirect = await load('http/redirect.js');
const headers = await load('http/text/headers.js');
const json = await load('http/text/json-text.js');
const here = new URL('http://glance.test/v2');
const pin = await load('image/pin.js');
const uri = await load('image/uri.js');
const timestamp = await load('image/timestamp.js');
const v1 = await load('image/v1/headers.js');
const v2 = await load('image/v2/records.js');
const sidecar = await load('image/sidecar.js');
const escape = await load('text/escape.js');
const width = await load('output/width.js');
const record = await load('output/record.js');
const render = await load('output/render.js');
const compatList = await load('output/compat/list.js');
const compatShow = await load('output/compat/show.js');
const { maskImage } = await load('image/mask.js');
const { GlanceError } = await load('errors.js');
const { reportError } = await load('cli/console/report.js');
const server = await load('server/handler.js');
const { makeCatalog } = await load('server/images/catalog.js');

const imageOf = (text) =>
  v2.parseV2Image(
    {
      id: '1',
      name: text,
      status: 'active',
      hw_cpu_cores: text,
      instance_type_rxtx_factor: text,
    },
    () => undefined,
  );
const plainStyle = { bold: (text) => text, dim: (text) => text };
async function printed(chunks) {
  for await (const chunk of chunks) chunk.toString();
}
const rendered = (format) => (text) => {
  const image = imageOf(text);
  const options = { keys: Object.keys(image), selected: null, format, width: 80, style: plainStyle, headers: true };
  return printed(render.renderOne({ ...options, row: image }));
};
const compatible = (format) => async (text) => {
  const common = { selected: null, indent: true, maxWidth: 80, isTerminal: true, prefix: '', humanReadable: true };
  const listed = { long: true, sort: 'name', sortColumns: [], sortDescending: false, printEmpty: true, quote: 'all' };
  const image = imageOf(text);
  if (format !== 'shell') await compatList.renderCompatList({ ...common, ...listed, images: [image, image], format });
  if (format !== 'csv') await compatShow.renderCompatShow({ ...common, image, format });
};
const answered = (api, ask) => (text) =>
  server.answerRequest(
    { method: 'GET', target: `/${api}/images`, headers: new Map(), ...ask(text) },
    makeCatalog([{ image: imageOf('x'), data: null, members: [] }]),
    server.defaultHandlerOptions,
  );

const printers = {
  escaping: [
    (text) => [escape.escapeControls(text), escape.escapeJson(text), escape.escapeYaml(text), escape.hasDangers(text)],
    ['🏴\u{e0067}', '👩\u200d', '🇩', '#\ufe0f'],
  ],
  'a record for people': [
    async (text) => record.renderRecord({ name: text, tags: [text] }, { width: 80, style: plainStyle, headers: true }),
  ],
  'an error for people': [
    (text) =>
      reportError(new GlanceError('http.500', text), { format: 'human', debug: true, width: 80, paint: String }),
  ],
  'broken lines': [
    await method('output/compat/wrap.js', (own) => (text) => own.wrapText(text, 8)),
    ['a--b', '.-', '--a'],
  ],
  ...Object.fromEntries(['table', 'json', 'ndjson', 'yaml', 'csv', 'value'].map((name) => [name, [rendered(name)]])),
  ...Object.fromEntries(
    ['table', 'json', 'yaml', 'csv', 'value', 'shell'].map((name) => [`openstack's ${name}`, [compatible(name)]]),
  ),
};

/** By name: what is done with a text, and the units that are worst for this function alone. */
const matchers = {
  'an error body in HTML': [
    (text) => body.plainSentence('text/html', `<html>${text}`, 'Not Found'),
    ['</head ', '&#0'],
  ],
  'an error body in JSON': [(text) => body.plainSentence('application/json', JSON.stringify({ message: text }), '')],
  'a content type': [(text) => body.plainSentence(`application/${text}`, 'x', '')],
  'a location of a store': [(text) => redact.maskLocation(`s://${text}`), [':1', 'a@', '?a']],
  'a URL that is shown': [(text) => redact.redactUrl(`http://h/${text}?${text}`)],
  'headers that are shown': [
    (text) =>
      redact.redactHeaders(
        new Map([
          ['location', text],
          [text.slice(0, 99), text],
        ]),
      ),
  ],
  'Retry-After': [(text) => status.parseRetryAfter(text, 0)],
  no_proxy: [(text) => proxy.findProxy(here, { http_proxy: 'http://p:1', no_proxy: text }), ['[', ':1']],
  'a redirect': [(text) => redirect.followRedirect({ from: here, location: `/${text}`, purpose: 'data' })],
  'a host': [(text) => redirect.isPrivateHost(text)],
  'what no connection says': [
    (text) =>
      http.toGlanceError(Object.assign(new Error(`(${text}`), { name: 'HTTPParserError', data: text }), {
        url: here,
        phase: 'headers',
        proxy: null,
        facts: {},
        hide: String,
      }),
  ],
  JSON: [(text) => json.parseJson(text, {}), ['[', '{"a":', '[1,']],
  'headers of an image': [
    (text) => {
      const raw = [`x-image-meta-property-${text.slice(0, 999)}`, text, 'x-image-meta-size', text];
      return v1.parseImageHeaders(headers.HeaderList.fromRaw(raw.map((part) => Buffer.from(part))), '1', () => 0);
    },
  ],
  'a pin': [(text) => pin.explainPin(new GlanceError('image.not_found', ''), text), ['@sha256:', 'a@']],
  'the URI of an image': [(text) => uri.parseImageUri(`http://h/${text}`), ['/images/a']],
  'a time': [(text) => timestamp.parseTimestamp(`2026-01-01T00:00:00.${text}`)],
  'a record of API v2': [(text) => imageOf(text)],
  'a sidecar': [(text) => sidecar.parseSidecar(JSON.stringify({ id: text, created_at: text }), 'f')],
  'masking an image': [(text) => maskImage(imageOf(text))],
  measuring: [
    async (text) => {
      const ruler = await width.createRuler([text]);
      return [ruler.width(text), ruler.cut(text, 80), width.cautiousRuler.cut(text, 80)];
    },
    ['👩\u200d', '🇩'],
  ],
  'a file name': [await method('transfer/files/file-name.js', (own) => (text) => own.safeFileName(text, text, 'raw'))],
  'a signature': [
    await method(
      'transfer/digest/signature.js',
      (own) => (text) =>
        own.findSignature({
          img_signature: text,
          img_signature_hash_method: 'SHA-256',
          img_signature_key_type: 'DSA',
          img_signature_certificate_uuid: '1',
        }),
    ),
    ['A='],
  ],
  certificates: [
    await method('transfer/digest/signature.js', (own) => (text) => own.readCertificates(text)),
    ['-----BEGIN CERTIFICATE-----'],
  ],
  'what somebody may have meant': [await method('text/nearest.js', (own) => (text) => own.nearestNames('abc', [text]))],
  'a shared file of AWS': [
    await method('s3/config/ini.js', (own) => (text) => own.parseIni(`[a]\nb = ${text}\n ${text}`)),
    ['\n c', ' #', '[', '[a]\nb:'],
  ],
  'a digest': [await method('digests.js', (own) => (text) => own.parseDigest(`md5:${text}`))],
  'a size': [await method('output/size.js', (own) => (text) => own.parseSize(text))],
  ...Object.fromEntries(
    ['v1', 'v2'].flatMap((api) => [
      [`a path of ${api}`, [answered(api, (text) => ({ target: `/${api}/images/${text}` }))]],
      [
        `a filter of ${api}`,
        [answered(api, (text) => ({ target: `/${api}/images?name=in:${text}&size_min=${text}` }))],
      ],
      [`a marker of ${api}`, [answered(api, (text) => ({ target: `/${api}/images?marker=${text}` }))]],
      [`a tag of ${api}`, [answered(api, (text) => ({ target: `/${api}/images?tag=${text}&created_at=gt:${text}` }))]],
      [`a sort of ${api}`, [answered(api, (text) => ({ target: `/${api}/images?sort=${text}` }))]],
      [
        `a request of ${api} for text`,
        [answered(api, (text) => ({ target: `/${api}/${text}`, headers: new Map([['accept', 'text/plain']]) }))],
      ],
      [
        `headers of ${api}`,
        [
          answered(api, (text) => ({
            headers: new Map([
              ['accept', text],
              ['range', text],
              ['host', text],
            ]),
          })),
        ],
      ],
    ]),
  ),
};

async function method(path, make) {
  return make(await load(path));
}

for (const [name, [match, own = []]] of Object.entries({ ...printers, ...matchers })) {
  for (const [shown, text] of Object.hasOwn(printers, name) ? printedTexts() : hostileTexts(own)) {
    writeSync(1, `${name}: ${JSON.stringify(shown)}\n`);
    usedBefore[0] = usedSeconds();
    try {
      await match(text);
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
    }
    const seconds = usedSeconds() - usedBefore[0];
    if (seconds > mostSeconds) throw new Error(`it took ${seconds.toFixed(2)} s`);
  }
}
writeSync(1, 'done\n');
