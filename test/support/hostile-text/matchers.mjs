// What matches or parses a text.
import { imageOf, load, method } from './built.mjs';

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
const sidecar = await load('image/sidecar.js');
const width = await load('output/width.js');
const { maskImage } = await load('image/mask.js');
const { GlanceError } = await load('errors.js');
const server = await load('server/handler.js');
const { makeCatalog } = await load('server/images/catalog.js');

const answered = (api, ask) => (text) =>
  server.answerRequest(
    { method: 'GET', target: `/${api}/images`, headers: new Map(), ...ask(text) },
    makeCatalog([{ image: imageOf('x'), data: null, members: [] }]),
    server.defaultHandlerOptions,
  );

/** By name: what is done with a text, and units that are worst for it alone. */
export const matchers = {
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
