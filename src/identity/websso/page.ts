// The page that a browser shows after it sent a login. It repeats nothing that was sent.
import type { Refusal } from './form.ts';

/**
 * `done`: the token works. `refused`: Keystone does not accept it. Otherwise, the status with which a request is
 * refused.
 */
export type Outcome = 'done' | 'refused' | Refusal;

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const outcomes: Readonly<Record<Outcome, readonly [status: number, title: string, text: string]>> = {
  done: [200, 'Logged in', 'glance-cli has what it needs. You can close this page.'],
  refused: [403, 'Not logged in', 'Keystone did not accept this login. The terminal says why.'],
  400: [400, 'Bad Request', 'This is not the answer to a login.'],
  403: [403, 'Forbidden', 'This does not come from the expected Keystone.'],
  404: [404, 'Not Found', 'There is nothing here.'],
  405: [405, 'Method Not Allowed', 'Only the answer to a login is accepted here.'],
  409: [409, 'Conflict', 'This login has already been answered.'],
  413: [413, 'Content Too Large', 'This is not the answer to a login.'],
  415: [415, 'Unsupported Media Type', 'This is not the answer to a login.'],
  421: [421, 'Misdirected Request', 'There is nothing here.'],
};

/** The answer to a request. */
export function answerPage(outcome: Outcome): Page {
  const [status, title, text] = outcomes[outcome];
  const body =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">` +
    `<title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...(status === 405 ? { allow: 'POST' } : {}),
  };
  return { status, headers, body };
}
