import { basename } from 'node:path';
import { GlanceError } from '../../../errors.ts';
import { parsePlace, type PlaceName } from '../../../client/places/place-name.ts';
import { type AccessRecord, type FailureRecord, startServer } from '../../../server/app.ts';
import type { BucketCatalog } from '../../../server/bucket/bucket-catalog.ts';
import type { AnswerPage } from '../../../server/answers/answer.ts';
import { defaultHandlerOptions } from '../../../server/handler.ts';
import { LiveCatalog } from '../../../server/directory/live-catalog.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { ServeOptions } from '../../options/directory-options.ts';

/**
 * How long to hold back the URL while digests are computed, so that a small directory is ready when the URL appears.
 */
const digestWaitMs = 2000;

/**
 * `serve <place>`: serves a directory of images, or a mirror in a bucket, as a read-only Glance until a signal ends it.
 */
export async function serve(context: Context, place: string, options: ServeOptions): Promise<void> {
  const { clock, signal, cwd } = context.runtime;
  const named = parsePlace(place, cwd);
  // A token is required only if one is given with this command: OS_TOKEN belongs to another cloud.
  const token = context.options.tokenFile === undefined ? null : await context.connection.token();
  // Requests register the token that they send, but this one is never sent; clients may still put it into a path that is
  // logged.
  context.connection.secrets.addToken(token);
  const catalog = await openCatalog(context, named, options);
  const hasPages = token === null && options.page && options.v1Style === 'glance';
  const pages = hasPages ? await openPages(context, named, catalog) : null;
  try {
    const server = await startServer({
      catalog,
      host: options.host,
      port: options.port,
      style: options.v1Style,
      ranges: true,
      token,
      pages: pages?.answer ?? null,
      clock,
      onRequest: (record) => context.note(formatAccess(new Date(clock.wallTime()), record)),
      onFailure: (record) => context.advise(formatFailure(new Date(clock.wallTime()), record)),
      onTrouble: (error) => context.warn(`no connection can be accepted: ${error.message}`),
    });
    try {
      await context.printText(`${server.url.href}\n`);
      await new Promise<void>((done) => {
        if (signal.aborted) done();
        else signal.addEventListener('abort', () => done(), { once: true });
      });
    } finally {
      await server.close();
    }
  } finally {
    await pages?.close();
    await catalog.close();
  }
}

interface OpenPages {
  readonly answer: AnswerPage;
  readonly close: () => Promise<void>;
}

/** The pages for browsers; from now on, images are inspected for them. */
async function openPages(
  context: Context,
  { kind, name }: PlaceName,
  catalog: LiveCatalog | BucketCatalog,
): Promise<OpenPages> {
  const [{ ServedInspections }, { ReportStore }, { answerPages }] = await Promise.all([
    import('../../../server/inspections/inspections.ts'),
    import('../../../server/inspections/report-store.ts'),
    import('../../../server/pages/catalog-pages.ts'),
  ]);
  const { clock } = context.runtime;
  const isLocal = kind === 'directory';
  // In a bucket, contents are left out, since they take many requests for each image.
  const store = isLocal ? await ReportStore.open(name, (message) => context.warn(message)) : null;
  const inspections = new ServedInspections({ catalog, clock, contents: isLocal, store });
  inspections.follow();
  if (catalog instanceof LiveCatalog) void catalog.digested().then(() => inspections.follow());
  const title = isLocal ? basename(name) : name;
  const view = defaultHandlerOptions.view;
  const answer = answerPages({ catalog, inspections, view, title, wordAdvice: withOptions });
  return { answer, close: () => inspections.close() };
}

async function openCatalog(
  context: Context,
  { kind, name }: PlaceName,
  { s3Endpoint }: ServeOptions,
): Promise<LiveCatalog | BucketCatalog> {
  const { clock, signal } = context.runtime;
  const world = { clock, signal, warn: (message: string): void => context.warn(message) };
  if (kind === 'bucket') {
    const [{ BucketCatalog }, { openBucketFiles }] = await Promise.all([
      import('../../../server/bucket/bucket-catalog.ts'),
      import('../../../client/places/open-place.ts'),
    ]);
    const files = await openBucketFiles(name, context.connection, { s3Endpoint }, signal);
    return await BucketCatalog.open(files, name, world);
  }
  const catalog = await LiveCatalog.open(name, world);
  await waitForDigests(context, catalog);
  return catalog;
}

function waitForDigests({ runtime: { clock, signal } }: Context, catalog: LiveCatalog): Promise<void> {
  return new Promise((done) => {
    const cancel = clock.startTimer(digestWaitMs, done);
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      done();
    };
    signal.addEventListener('abort', end, { once: true });
    void catalog.digested().then(end);
  });
}

const maxFailureLength = 500;

/** `TIME METHOD PATH failed (REQUEST ID): WHY`; for a bug of this program, also where it is. */
function formatFailure(time: Date, { method, path, requestId, error }: FailureRecord): string {
  // For a system error about a file, the position in the program does not matter.
  const isExplained = error instanceof GlanceError || (error instanceof Error && 'code' in error);
  const why = String(isExplained ? error.message : error instanceof Error ? error.stack : error);
  const line = why
    .slice(0, maxFailureLength)
    .split('\n')
    .map((part) => part.trim())
    .join(' ');
  return `${time.toISOString()} ${method} ${path} failed (${requestId}): ${line}`;
}

/** `TIME METHOD PATH STATUS BYTES MILLISECONDS`, and how an incomplete answer ended. Headers are never logged. */
function formatAccess(time: Date, record: AccessRecord): string {
  const { method, path, status, bytes, durationMs, complete } = record;
  const end = complete ? '' : ' cut off';
  const numbers = `${String(status)} ${String(bytes)} ${durationMs.toFixed(1)}ms`;
  return `${time.toISOString()} ${method} ${path} ${numbers}${end}`;
}
