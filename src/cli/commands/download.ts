import { resolve } from 'node:path';
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { addFacts, GlanceError } from '../../errors.ts';
import { digestsOf } from '../../image/data-answer.ts';
import { Pin } from '../../image/pin.ts';
import { createProgress } from '../../output/progress.ts';
import { renderOne } from '../../output/render.ts';
import { type DownloadResult, downloadToFile, downloadToStream } from '../../transfer/download.ts';
import type { DownloadOptions, DownloadSource } from '../../transfer/fetch.ts';
import { safeFileName } from '../../transfer/file-name.ts';
import { inspectTarget, isDirectory, openStreamTarget } from '../../transfer/target.ts';
import { retryPolicy } from '../connect.ts';
import type { Context } from '../context.ts';
import { describeResult, resultKeys, toRecord } from '../download-result.ts';
import { nativeFormat } from '../options.ts';
import type { Found } from '../session.ts';

export interface DownloadCommandOptions {
  readonly output?: string;
  readonly file?: string;
  readonly remoteName?: boolean;
  readonly force?: boolean;
  readonly latest?: boolean;
  readonly digest?: readonly DigestAlgorithm[];
  readonly expect?: readonly Digest[];
  readonly requireChecksum?: boolean;
}

const stdoutName = 'standard output';

/** `download <image>`: image data to a file or to stdout, verified on the way. */
export async function download(context: Context, query: string, options: DownloadCommandOptions): Promise<void> {
  const { runtime, session } = context;
  const output = options.output ?? options.file;
  checkTarget(context, output, options);
  await checkPath(runtime.cwd, output);
  const found = await session.find(query, options.latest === true);
  const { image } = found;
  try {
    const source = await createSource(context, found, options);
    const path = await choosePath(runtime.cwd, output, options.remoteName === true, found);
    const result = await transfer(context, source, path, options);
    if (result.verifiedBy === null) session.warn('not verified: the server has no digest for this image');
    await report(context, found, result);
  } catch (error) {
    throw addFacts(error, { image: image.id });
  }
}

/** What can be refused before anything is asked of the server. */
function checkTarget({ runtime }: Context, output: string | undefined, { remoteName }: DownloadCommandOptions): void {
  if (output?.trim() === '') throw new GlanceError('usage.option', '-o is empty: is a variable unset?');
  if (output !== undefined && remoteName === true) {
    throw new GlanceError('usage.option', '-o names the file, and so does -O: give one of them');
  }
  const toStdout = remoteName !== true && (output === undefined || output === '-');
  if (toStdout && runtime.stdout.isTTY === true) {
    throw new GlanceError('usage.terminal', 'image data would go to the terminal', {
      hint: 'give -o FILE (or -O for the name the image has), or send it through a pipe',
    });
  }
}

/** A file that cannot be made is noticed before anything is asked of the server. */
async function checkPath(cwd: string, output: string | undefined): Promise<void> {
  if (output === undefined || output === '-' || /[/\\]$/.test(output)) return;
  const path = resolve(cwd, output);
  if (!(await isDirectory(path))) await inspectTarget(path);
}

/** @returns the path to write to; null for stdout */
async function choosePath(
  cwd: string,
  output: string | undefined,
  remoteName: boolean,
  { image }: Found,
): Promise<string | null> {
  if (!remoteName && (output === undefined || output === '-')) return null;
  const path = resolve(cwd, output ?? '.');
  const wantsDirectory = remoteName || /[/\\]$/.test(output ?? '');
  if (wantsDirectory || (await isDirectory(path))) {
    return resolve(path, safeFileName(image.name, image.id, image.disk_format));
  }
  return path;
}

async function createSource(
  { session }: Context,
  { image, service, pin }: Found,
  options: DownloadCommandOptions,
): Promise<DownloadSource> {
  const client = await session.client();
  const pins = [...(options.expect ?? []).map((digest) => new Pin(digest)), ...(pin === null ? [] : [pin])];
  for (const each of pins) each.check(image);
  const wanted = pins.map(({ digest }) => digest);
  const digests = [...wanted, ...digestsOf(image)];
  return {
    name: image.name ?? image.id,
    size: image.size,
    digests,
    requireDigest: options.requireChecksum === true,
    open: (signal) => service.data(image, signal),
    answered: () => client.hasAnswered(service.endpoint.origin),
  };
}

async function transfer(
  context: Context,
  source: DownloadSource,
  path: string | null,
  options: DownloadCommandOptions,
): Promise<DownloadResult> {
  const { runtime, options: globals } = context;
  const progress = await createProgress(globals.progress ?? 'auto', {
    stream: runtime.stderr,
    isTTY: runtime.stderr.isTTY === true && runtime.env['TERM'] !== 'dumb',
    columns: runtime.stderr.columns || 80,
    clock: runtime.clock,
    style: await context.style(runtime.stderr),
  });
  const shared: DownloadOptions = {
    extraAlgorithms: options.digest ?? [],
    retry: retryPolicy(globals),
    clock: runtime.clock,
    signal: runtime.signal,
    listen: progress.listen,
  };
  try {
    if (path === null) return await downloadToStream(source, runtime.stdout, stdoutName, shared);
    const target = await inspectTarget(path);
    if (target.kind === 'file') {
      // oxlint-disable-next-line no-bitwise -- that is what a umask is
      const mode = 0o666 & ~runtime.umask;
      return await downloadToFile(source, target, { ...shared, force: options.force === true, mode });
    }
    const stream = openStreamTarget(target);
    try {
      return await downloadToStream(source, stream, path, shared);
    } finally {
      stream.destroy();
    }
  } finally {
    progress.stop();
  }
}

async function report(context: Context, { image }: Found, result: DownloadResult): Promise<void> {
  const { options } = context;
  const format = nativeFormat(options);
  if (format === 'table' || result.path === null) {
    context.note(describeResult(image, result));
    return;
  }
  await context.print(
    renderOne({
      row: toRecord(image, result),
      keys: resultKeys,
      ...(await context.resultOptions()),
    }),
  );
}
