// What matches or parses a text.
import { parseDigest } from '../../../dist/digests.js';
import { GlanceError } from '../../../dist/errors.js';
import { toGlanceError } from '../../../dist/http/connect/failures.js';
import { findProxy } from '../../../dist/http/connect/proxy.js';
import { followRedirect, isPrivateHost } from '../../../dist/http/redirect.js';
import { maskLocation, redactHeaders, redactUrl } from '../../../dist/http/secrets/redact.js';
import { parseRetryAfter } from '../../../dist/http/status.js';
import { plainSentence } from '../../../dist/http/text/error-body.js';
import { HeaderList } from '../../../dist/http/text/headers.js';
import { parseJson } from '../../../dist/http/text/json-text.js';
import { maskImage } from '../../../dist/image/mask.js';
import { explainPin } from '../../../dist/image/pin.js';
import { parseSidecar } from '../../../dist/image/sidecar.js';
import { parseTimestamp } from '../../../dist/image/timestamp.js';
import { parseImageUri } from '../../../dist/image/uri.js';
import { parseImageHeaders } from '../../../dist/image/v1/headers.js';
import { parseSize } from '../../../dist/output/size.js';
import { cautiousRuler, createRuler } from '../../../dist/output/width.js';
import { parseIni } from '../../../dist/s3/config/ini.js';
import { answerRequest, defaultHandlerOptions } from '../../../dist/server/handler.js';
import { makeCatalog } from '../../../dist/server/images/catalog.js';
import { nearestNames } from '../../../dist/text/nearest.js';
import { findSignature, readCertificates } from '../../../dist/transfer/digest/signature.js';
import { safeFileName } from '../../../dist/transfer/files/file-name.js';
import { imageOf } from './built.mjs';

/** @import { Case } from './texts.mjs' */

const here = new URL('http://glance.test/v2');

/**
 * Answers a request.
 * @param {string} api `v1` or `v2`
 * @param {(text: string) => { target?: string, headers?: ReadonlyMap<string, string> }} ask what is in the request
 * @returns {Case[0]}
 */
const answered = (api, ask) => (text) =>
  answerRequest(
    { method: 'GET', target: `/${api}/images`, headers: new Map(), ...ask(text) },
    makeCatalog([{ image: imageOf('x'), data: null, members: [] }]),
    defaultHandlerOptions,
  );

/** @param {string} api @returns {Readonly<Record<string, Case>>} */
const requestsTo = (api) => ({
  [`a path of ${api}`]: [answered(api, (text) => ({ target: `/${api}/images/${text}` }))],
  [`a filter of ${api}`]: [answered(api, (text) => ({ target: `/${api}/images?name=in:${text}&size_min=${text}` }))],
  [`a marker of ${api}`]: [answered(api, (text) => ({ target: `/${api}/images?marker=${text}` }))],
  [`a tag of ${api}`]: [answered(api, (text) => ({ target: `/${api}/images?tag=${text}&created_at=gt:${text}` }))],
  [`a sort of ${api}`]: [answered(api, (text) => ({ target: `/${api}/images?sort=${text}` }))],
  [`a request of ${api} for text`]: [
    answered(api, (text) => ({ target: `/${api}/${text}`, headers: new Map([['accept', 'text/plain']]) })),
  ],
  [`headers of ${api}`]: [
    answered(api, (text) => ({
      headers: new Map([
        ['accept', text],
        ['range', text],
        ['host', text],
      ]),
    })),
  ],
});

/** By name: what is done with a text, and units that are worst for it alone. @type {Readonly<Record<string, Case>>} */
export const matchers = {
  'an error body in HTML': [(text) => plainSentence('text/html', `<html>${text}`, 'Not Found'), ['</head ', '&#0']],
  'an error body in JSON': [(text) => plainSentence('application/json', JSON.stringify({ message: text }), '')],
  'a content type': [(text) => plainSentence(`application/${text}`, 'x', '')],
  'a location of a store': [(text) => maskLocation(`s://${text}`), [':1', 'a@', '?a']],
  'a URL that is shown': [(text) => redactUrl(`http://h/${text}?${text}`)],
  'headers that are shown': [
    (text) =>
      redactHeaders(
        new Map([
          ['location', text],
          [text.slice(0, 99), text],
        ]),
      ),
  ],
  'Retry-After': [(text) => parseRetryAfter(text, 0)],
  no_proxy: [(text) => findProxy(here, { http_proxy: 'http://p:1', no_proxy: text }), ['[', ':1']],
  'a redirect': [(text) => followRedirect({ from: here, location: `/${text}`, purpose: 'data' })],
  'a host': [(text) => isPrivateHost(text)],
  'what no connection says': [
    (text) =>
      toGlanceError(Object.assign(new Error(`(${text}`), { name: 'HTTPParserError', data: text }), {
        url: here,
        phase: 'headers',
        proxy: null,
        facts: {},
        hide: String,
      }),
  ],
  JSON: [(text) => parseJson(text, {}), ['[', '{"a":', '[1,']],
  'headers of an image': [
    (text) => {
      const raw = [`x-image-meta-property-${text.slice(0, 999)}`, text, 'x-image-meta-size', text];
      return parseImageHeaders(HeaderList.fromRaw(raw.map((part) => Buffer.from(part))), '1', () => 0);
    },
  ],
  'a pin': [(text) => explainPin(new GlanceError('image.not_found', ''), text), ['@sha256:', 'a@']],
  'the URI of an image': [(text) => parseImageUri(`http://h/${text}`), ['/images/a']],
  'a time': [(text) => parseTimestamp(`2026-01-01T00:00:00.${text}`)],
  'a record of API v2': [(text) => imageOf(text)],
  'a sidecar': [(text) => parseSidecar(JSON.stringify({ id: text, created_at: text }), 'f')],
  'masking an image': [(text) => maskImage(imageOf(text))],
  measuring: [
    async (text) => {
      const ruler = await createRuler([text]);
      return [ruler.width(text), ruler.cut(text, 80), cautiousRuler.cut(text, 80)];
    },
    ['👩\u200d', '🇩'],
  ],
  'a file name': [(text) => safeFileName(text, text, 'raw')],
  'a signature': [
    (text) =>
      findSignature({
        img_signature: text,
        img_signature_hash_method: 'SHA-256',
        img_signature_key_type: 'DSA',
        img_signature_certificate_uuid: '1',
      }),
    ['A='],
  ],
  certificates: [(text) => readCertificates(text), ['-----BEGIN CERTIFICATE-----']],
  'what somebody may have meant': [(text) => nearestNames('abc', [text])],
  'a shared file of AWS': [(text) => parseIni(`[a]\nb = ${text}\n ${text}`), ['\n c', ' #', '[', '[a]\nb:']],
  'a digest': [(text) => parseDigest(`md5:${text}`)],
  'a size': [(text) => parseSize(text)],
  ...requestsTo('v1'),
  ...requestsTo('v2'),
};
