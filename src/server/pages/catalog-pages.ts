// The pages of a catalog: who gets one, at which URL, and whether the browser already has it. The list is generated while it is sent,
// so its ETag is made of the version numbers of the catalog and the findings.
import { createHash, randomUUID } from 'node:crypto';
import { contentSecurityPolicy } from '../../pages/frame.ts';
import { type CatalogRow, renderCatalog } from '../../pages/catalog-page.ts';
import { renderImage, renderUnknown } from '../../pages/image-page.ts';
import type { WordAdvice } from '../../pages/report-section.ts';
import { sortNaturally } from '../../text/natural.ts';
import { prefersHtml } from '../answers/accept.ts';
import type { Answer, AnswerPage, ApiRequest, HeaderPair } from '../answers/answer.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { findReadable, isGone, isListed, type View } from '../images/visibility.ts';
import type { ServedInspections } from '../inspections/inspections.ts';
import { fetchCommands } from './fetch-commands.ts';

/** What pages are made from. */
interface PageOptions {
  readonly catalog: Catalog;
  /** What was found in the data. */
  readonly inspections: ServedInspections;
  /** The view of the catalog that clients get. */
  readonly view: View;
  /** What is served, for the heading. */
  readonly title: string;
  readonly wordAdvice: WordAdvice;
}

const imagePrefix = '/page/';

/** Answers GET and HEAD for `/` and `/page/<id>`, if the client wants HTML. */
export function answerPages(options: PageOptions): AnswerPage {
  const list = new ListPage(options);
  return ({ request, path, origin }) => {
    const isPage = path === '/' || path.startsWith(imagePrefix);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isPage || !isRead || !prefersHtml(request.headers.get('accept'))) return null;
    options.inspections.follow();
    return path === '/' ? list.answer(request) : answerImage(path.slice(imagePrefix.length), origin, request, options);
  };
}

/** The list. Its rows are created as they are sent; the images are sorted once. */
class ListPage {
  readonly #options: PageOptions;
  /** Differs in each process, since the numbers start again. */
  readonly #series = randomUUID();
  #images: readonly CatalogImage[] | null = null;
  #sorted: readonly CatalogImage[] = [];
  #number = 0;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  answer(request: ApiRequest['request']): Answer {
    const { catalog, inspections, title } = this.#options;
    if (catalog.images !== this.#images) this.#sort(catalog.images);
    const tag = `W/"${this.#series}-${String(this.#number)}-${String(inspections.revision)}"`;
    return answerTagged(request, tag, () => ({ pieces: renderCatalog(title, this.#rows(this.#sorted)) }));
  }

  #sort(images: readonly CatalogImage[]): void {
    const { view } = this.#options;
    this.#images = images;
    this.#number += 1;
    const listed = images.filter((entry) => isListed(entry, view) && !isGone(entry));
    this.#sorted = sortNaturally(listed, ({ image: { name, id } }) => name ?? id);
  }

  *#rows(entries: readonly CatalogImage[]): Generator<CatalogRow> {
    for (const entry of entries) yield { image: entry.image, found: this.#options.inspections.summary(entry) };
  }
}

function answerImage(id: string, origin: string, request: ApiRequest['request'], options: PageOptions): Answer {
  const { catalog, inspections, view, wordAdvice } = options;
  const entry = findReadable(catalog, id, view);
  if (entry === undefined)
    return answerText([...renderUnknown()].join(''), { status: 404, statusText: 'Not Found' }, kept);
  const { image, data, digest = null } = entry;
  const { report, whyNot } = inspections.find(entry);
  const commands = data === null ? [] : fetchCommands(image, origin);
  const page = [...renderImage({ image, sha512: digest, commands, report, whyNot, wordAdvice })].join('');
  const tag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 24)}"`;
  return answerTagged(request, tag, () => page);
}

/** @see RFC 9110, 13.1.2 and 15.4.5 */
function answerTagged({ headers }: ApiRequest['request'], tag: string, makeBody: () => Answer['body']): Answer {
  const tagged: readonly HeaderPair[] = [['ETag', tag], ...kept];
  if (isKnown(headers.get('if-none-match'), tag))
    return { status: 304, statusText: 'Not Modified', headers: tagged, body: null };
  const body = makeBody();
  const status = { status: 200, statusText: 'OK' };
  if (typeof body === 'string') return answerText(body, status, tagged);
  return { ...status, headers: [...pageHeaders, ...tagged], body };
}

function answerText(
  body: string,
  status: Pick<Answer, 'status' | 'statusText'>,
  others: readonly HeaderPair[],
): Answer {
  const length: HeaderPair = ['Content-Length', String(Buffer.byteLength(body))];
  return { ...status, headers: [...pageHeaders, length, ...others], body };
}

/** Programs get other answers at the same URL, and browsers must revalidate a page. */
const kept: readonly HeaderPair[] = [
  ['Vary', 'Accept'],
  ['Cache-Control', 'private, no-cache'],
];

const pageHeaders: readonly HeaderPair[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Security-Policy', `${contentSecurityPolicy}; frame-ancestors 'none'`],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
];

function isKnown(given: string | undefined, tag: string): boolean {
  const bare = tag.replace(/^W\//, '');
  return (given ?? '').split(',').some((each) => {
    const known = each.trim();
    return known === '*' || known.replace(/^W\//, '') === bare;
  });
}
