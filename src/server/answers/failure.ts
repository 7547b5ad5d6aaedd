// Errors in Glance's own words and layout: HTML, JSON or plain text, and those that it wraps from its second server.
import { type Answer, type HeaderPair } from './answer.ts';
import { chooseErrorForm, type ErrorForm } from './accept.ts';
import { toPythonJson } from './python-json.ts';

/** The refusal of a request. */
export interface ErrorAnswer {
  readonly status: number;
  /** First sentence. Absent: the usual one for the status. */
  readonly explanation?: string;
  /** What follows the explanation, after a blank line. */
  readonly detail?: string;
  /** For 405: the methods allowed. */
  readonly allow?: string;
  /** Additional headers. */
  readonly headers?: readonly HeaderPair[];
  /** Content type of the empty answer to HEAD. Absent: HTML. */
  readonly headType?: 'text/plain';
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  416: 'Requested Range Not Satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const explanations: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  401:
    'This server could not verify that you are authorized to access the document you requested. Either you supplied the ' +
    'wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  416: 'The range requested is not available.',
  500: 'The server has either erred or is incapable of performing the requested operation.',
  503: 'The server is currently unavailable. Please try again at a later time.',
};

/** The parts of a request on which the form of a refusal depends. The two APIs use libraries from different times. */
interface RefusedRequest {
  readonly api: 1 | 2;
  readonly method: string;
  readonly accept: string | undefined;
}

/**
 * The answer that refuses a request. HEAD gets the headers of an empty body.
 * @see recorded exchanges `get-unknown-*`, `head-unknown`, `post-image`; of API v2 `file-deactivated-*`, `show-unknown`
 */
export function renderFailure(failure: ErrorAnswer, request: RefusedRequest): Answer {
  const statusText = titleOf(failure.status, request.api);
  const extra: HeaderPair[] = [...(failure.headers ?? [])];
  if (failure.allow !== undefined) extra.unshift(['Allow', failure.allow]);
  if (request.method === 'HEAD') {
    const type = `${failure.headType ?? 'text/html'}; charset=UTF-8`;
    const headers: HeaderPair[] = [['Content-Type', type], ['Content-Length', '0'], ...extra];
    return { status: failure.status, statusText, headers, body: null };
  }
  const { type, body } = renderBody(failure, request, chooseErrorForm(request.accept, request.api));
  const length = String(Buffer.byteLength(body));
  return {
    status: failure.status,
    statusText,
    headers: [...extra, ['Content-Length', length], ['Content-Type', type]],
    body,
  };
}

/**
 * The refusal of Glance's second server as the first one passes it on, with its plain text as the explanation.
 * @see recorded exchange `limit-bad-accept-json`
 */
export function wrapFailure(inner: { readonly explanation?: string; readonly detail?: string }): ErrorAnswer {
  return { status: 400, explanation: toPlainText({ status: 400, ...inner }, { api: 1, method: '' }) };
}

function titleOf(status: number, api: 1 | 2): string {
  return api === 2 && status === 416 ? 'Request Range Not Satisfiable' : (titles[status] ?? '');
}

type Asked = Pick<RefusedRequest, 'api' | 'method'>;

function renderBody(failure: ErrorAnswer, asked: Asked, form: ErrorForm): { type: string; body: string } {
  const { api, method } = asked;
  const title = titleOf(failure.status, api);
  const status = `${String(failure.status)} ${title}`;
  switch (form) {
    case 'html':
      return {
        type: 'text/html; charset=UTF-8',
        body: toHtml(
          status,
          layOut(failure, method, (text) => escapeHtml(text, api)),
        ),
      };
    case 'json':
      return {
        type: 'application/json',
        body: toPythonJson({ message: layOut(failure, method, String), code: status, title }),
      };
    case 'text':
      return { type: 'text/plain; charset=UTF-8', body: toPlainText(failure, asked) };
    default:
      return form satisfies never;
  }
}

function layOut(failure: ErrorAnswer, method: string, escape: (text: string) => string): string {
  const detail = escape(failure.detail ?? '');
  if (failure.status === 405)
    return `The method ${escape(method)} is not allowed for this resource. <br /><br />\n${detail}`;
  return `${escape(failure.explanation ?? explanations[failure.status] ?? '')}<br /><br />\n${detail}\n\n`;
}

function toHtml(status: string, body: string): string {
  const head = `<html>\n <head>\n  <title>${status}</title>\n </head>\n`;
  return `${head} <body>\n  <h1>${status}</h1>\n  ${body}\n </body>\n</html>`;
}

function toPlainText(failure: ErrorAnswer, { api, method }: Asked): string {
  const body = layOut(failure, method, String).replaceAll('\n', ' ').replaceAll('\r', '');
  const lines = replaceTags(body, /<br/gi, '\n').split('\n');
  const plain = lines.map((line) => replaceTags(line, /</g, '')).join('\n');
  return `${String(failure.status)} ${titleOf(failure.status, api)}\n\n${plain}`;
}

/**
 * Replaces what `<br.*?>` would match, but in one pass: if a request's text is all `<`, the expression would search to
 * the end for each.
 */
function replaceTags(text: string, start: RegExp, replacement: string): string {
  let kept = '';
  let from = 0;
  for (const { index } of text.matchAll(start)) {
    if (index < from) continue;
    const end = text.indexOf('>', index);
    if (end < 0) break;
    kept += text.slice(from, index) + replacement;
    from = end + 1;
  }
  return kept + text.slice(from);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string, api: 1 | 2): string {
  const basic = text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
  const escaped = api === 2 ? basic.replaceAll("'", '&#x27;') : basic;
  return escaped.replace(/[^\0-\x7f]/gu, (character) => `&#${String(character.codePointAt(0))};`);
}
