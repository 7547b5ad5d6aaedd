// The secrets of a run, and text without them. Each run has one register, which is passed around and never global. A
// credential is registered before it is sent, so that whatever a server makes of it can be told from harmless text.
import { shorten } from '../../text/shorten.ts';

const mask = '***';
/** UTF-16 code units. A shorter secret may be part of any word, so it is hidden only where it stands alone. */
const leastLength = 8;
/** A secret shorter than this is not hidden at all: the gaps would give it away. */
const leastWord = 3;

/** Maximum number of secrets of single requests to remember. Each is useless once its request has been answered. */
const mostPassing = 100;

export class Secrets {
  readonly #tokens = new Forms();
  readonly #all = new Forms();
  readonly #passing: string[] = [];

  /** Adds a token, which is hidden in results too. Null and empty text are ignored. */
  addToken(token: string | null): void {
    if (token !== null) for (const forms of [this.#tokens, this.#all]) forms.add(token);
  }

  /** Adds a password or another secret. It may be an everyday word, so it is hidden in messages but not in results. */
  add(secret: string | null): void {
    if (secret !== null) this.#all.add(secret);
  }

  /**
   * Adds the secret of one request in hexadecimal, such as its signature. It is forgotten after many others have
   * followed.
   */
  addPassing(secret: string): void {
    if (this.#passing.push(secret) > mostPassing) this.#passing.shift();
  }

  /**
   * Adds what an `Authorization` or `Proxy-Authorization` header holds: `Basic …` with a password in it, or `Bearer …`.
   */
  addAuthorization(value: string): void {
    const content = value.slice(value.indexOf(' ') + 1);
    if (/^bearer /i.test(value)) this.addToken(content);
    else this.add(content);
    if (!/^basic /i.test(value)) return;
    const login = Buffer.from(content, 'base64').toString();
    this.addPassword(login.slice(login.indexOf(':') + 1));
  }

  /** Adds a password that may be percent-encoded, as in a URL. */
  addPassword(password: string): void {
    this.add(password);
    this.add(decodePercent(password));
  }

  /** The text of a message, a log or an error, without any secret. */
  hide(text: string): string {
    return this.#passing.reduce(
      (rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, mask) : rest),
      this.#all.hide(text),
    );
  }

  /** The text of a result, such as a name, without tokens. */
  hideTokens(text: string): string {
    return this.#tokens.hide(text);
  }

  /** {@link hide} for a whole message, which is then shortened. Shortening it first might leave part of a secret. */
  hideInMessage(text: string): string {
    return shorten(this.hide(text));
  }

  /** A header line or a URL, without any secret. Short secrets are hidden too where they stand alone. */
  hideInHeader(line: string): string {
    return this.#all.hideWords(this.hide(line));
  }

  /** Parsed JSON without tokens in any text or key. Changes the value. */
  hideTokensIn<T>(value: T): T {
    return this.#tokens.isEmpty ? value : (hideDeep(value, (text) => this.#tokens.hide(text)) as T);
  }

  /**
   * Removes every secret from an error, its causes and everything it holds, and shortens each text to the length of a
   * message, since errors repeat what a server sent. Changes the error.
   */
  hideInError<T>(error: T): T {
    hideInError(error, (text) => this.hide(text));
    return error;
  }
}

/** Secrets in every form in which they may come back. */
class Forms {
  /** Longest first: one may be part of another. */
  #forms: readonly string[] = [];
  #words: readonly string[] = [];

  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  add(secret: string): void {
    if (secret.length < leastWord || this.#forms.includes(secret) || this.#words.includes(secret)) return;
    const forms = formsOf(secret);
    if (secret.length < leastLength) this.#words = [...new Set([...this.#words, ...forms])];
    else this.#forms = [...new Set([...this.#forms, ...forms])].toSorted((left, right) => right.length - left.length);
  }

  hide(text: string): string {
    return this.#forms.reduce((rest, form) => (rest.includes(form) ? rest.replaceAll(form, mask) : rest), text);
  }

  hideWords(text: string): string {
    return this.#words.reduce(hideWord, text);
  }
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const url = percentEncode(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    url,
    url.replace(/%../g, (escape) => escape.toLowerCase()),
    ...[secret, json].flatMap(urlFormsOf),
    bytes.toString('base64'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    secret.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`),
  ];
}

/** How a text looks after it was put into a URL, as it is or as a form value, and parsed. */
function urlFormsOf(text: string): string[] {
  const path = new URL('http://h/');
  path.pathname = text;
  const query = new URL('http://h/');
  query.search = text;
  return [
    path.pathname.replace(/^\//, ''),
    query.search.replace(/^\?/, ''),
    new URLSearchParams(`=${text}`).toString().slice(1),
    new URLSearchParams([['', text]]).toString().slice(1),
  ].filter((form) => form.length >= Math.min(text.length, leastLength));
}

/** Null for a text that is not percent-encoded. */
function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Replaces lone surrogates, which can be neither encoded nor sent. */
function percentEncode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

const wordCharacter = /\w/;

function hideWord(text: string, word: string): string {
  let kept = '';
  let from = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const isAlone = !wordCharacter.test(text.charAt(at - 1)) && !wordCharacter.test(text.charAt(at + word.length));
    if (!isAlone) continue;
    kept += text.slice(from, at) + mask;
    from = at + word.length;
  }
  return kept + text.slice(from);
}

/** No value that was read is deeper: see `parseJson`. */
const maxDepth = 70;

/** @param key the name under which the text was found */
type Change = (text: string, key: string) => string;

function hideDeep(value: unknown, hide: Change, depth = 0, name = ''): unknown {
  if (typeof value === 'string') return hide(value, name);
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  for (const key of Object.keys(value)) {
    const before: unknown = Reflect.get(value, key);
    const after = hideDeep(before, hide, depth + 1, key);
    const shown = Array.isArray(value) ? key : hide(key, '');
    if (shown !== key) Reflect.deleteProperty(value, key);
    // Not by assignment: a key may be `__proto__`.
    if (shown !== key || after !== before) {
      Reflect.defineProperty(value, shown, { value: after, enumerable: true, configurable: true, writable: true });
    }
  }
  return value;
}

/** A path is ours, and shown in full; a stack contains the message, which is shortened within it. */
const wholeKeys: ReadonlySet<string> = new Set(['path', 'stack']);

function hideInError(error: unknown, hide: (text: string) => string): void {
  const change: Change = (text, key) => (wholeKeys.has(key) ? hide(text) : shorten(hide(text)));
  for (let each = error, left = 10; each instanceof Error && left > 0; each = each.cause, left--) {
    const message = hide(each.message);
    for (const key of Object.getOwnPropertyNames(each)) {
      const held: unknown = Reflect.get(each, key);
      if (key === 'cause') continue;
      // The record that an error is about counts as a result.
      const how: Change = key === 'image' ? hide : change;
      const changed = hideDeep(typeof held === 'object' && held !== null ? plainCopy(held) : held, how, 0, key);
      const isStack = key === 'stack' && typeof changed === 'string';
      const shown = isStack ? changed.replace(message, () => shorten(message)) : changed;
      if (shown !== held) Reflect.defineProperty(each, key, { value: shown, configurable: true, writable: true });
    }
  }
}

/** Copies what an error holds: others may hold it too, or it may be frozen. Only plain values are copied. */
function plainCopy(value: object, depth = 0): object {
  if (depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item, depth));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item, depth)]));
}

function copyOf(value: unknown, depth: number): unknown {
  return typeof value === 'object' && value !== null ? plainCopy(value, depth + 1) : value;
}
