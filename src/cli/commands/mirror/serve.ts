import { aborted } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import type { AccessRecord, FailureRecord } from '../../../server/app.ts';
import { servePlace } from '../../../server/place/serve-place.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { ServeOptions } from '../../options/directory-options.ts';

/**
 * `serve <place>`: serves a directory of images, or a mirror in a bucket, as a read-only Glance until a signal ends it.
 */
export async function serve(context: Context, place: string, options: ServeOptions): Promise<void> {
  const { connection } = context;
  const { clock, signal } = context.runtime;
  const { host, port, v1Style, page: pages, s3Endpoint } = options;
  // A token is required only if one is given with this command: OS_TOKEN belongs to another cloud.
  const token = context.options.tokenFile === undefined ? null : await connection.token();
  const served = await servePlace(connection, place, {
    host,
    port,
    v1Style,
    token: token ?? undefined,
    pages,
    s3Endpoint,
    wordAdvice: withOptions,
    signal,
    onRequest: (record) => context.note(formatAccess(new Date(clock.wallTime()), record)),
    onFailure: (record) => context.advise(formatFailure(new Date(clock.wallTime()), record)),
  });
  try {
    await context.printText(`${served.url.href}\n`);
    await aborted(signal);
  } finally {
    await served.close();
  }
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
