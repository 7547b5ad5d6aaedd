// The two doors to the engine: the command, and the library that programs import. Whatever is promised is promised at both, so
// tests of promises go through either, and see the same things there.
import { inspect } from 'node:util';
import { exitCodeOf } from '../../src/cli/console/exit-codes.ts';
import {
  type DownloadRecord,
  type ErrorCode,
  errorCodes,
  GlanceClient,
  GlanceError,
  type Report,
  systemOf,
} from '../../src/index.ts';
import { type CliResult, eagerClock, runCli } from './run-cli.ts';
import { storeImage } from './servers/store.ts';
import { isProof } from './thoroughness.ts';

/** An image of a Glance, and how often to retry. */
interface Asked {
  /** Of the Glance. */
  readonly url: string;
  /** Absent: the one of `startStore`. */
  readonly image?: string;
  readonly retries: number;
}

export interface Download extends Asked {
  /** The working directory. */
  readonly cwd: string;
  /** A file in there, which is replaced; null for a pipe. */
  readonly file: string | null;
  /** Absent: 1. */
  readonly connections?: number;
}

export interface Mirroring extends Omit<Asked, 'image'> {
  readonly place: string;
  readonly env: Readonly<Record<string, string>>;
  /** Longest wait for an answer, and longest pause within one. */
  readonly timeoutMs: number;
  readonly retryFailed?: boolean;
  /** Is aborted with an `Interrupted`. */
  readonly signal?: AbortSignal;
}

/** What is told of a failure. Unset is null. */
export interface Told {
  readonly code: ErrorCode;
  readonly image: string | null;
  readonly http_status: number | null;
  readonly attempts: number;
  /** The unfinished file that was kept. */
  readonly partial: { readonly path: string; readonly bytes: number } | null;
}

/** What came of a download. */
export interface Outcome {
  /** Null: it succeeded. */
  readonly failure: Told | null;
  /** What is told of a success; null for a pipe. */
  readonly record: DownloadRecord | null;
  /** What the reader of the pipe was given. */
  readonly piped: Buffer;
}

/** What came of a mirror. */
export interface Mirrored {
  /** Null: it succeeded. */
  readonly code: ErrorCode | null;
  /** Everything that anybody could see of it. */
  readonly shown: string;
}

export interface Door {
  readonly name: string;
  readonly download: (what: Download) => Promise<Outcome>;
  readonly mirror: (what: Mirroring) => Promise<Mirrored>;
  /** Throws if it fails. */
  readonly inspect: (what: Asked) => Promise<Report>;
}

const nothing = Buffer.alloc(0);

const command: Door = {
  name: 'the command',

  download: async ({ url, image = storeImage, retries, cwd, file, connections = 1 }) => {
    const to = file === null ? [] : ['-o', file, '--force', '--connections', String(connections), '-f', 'json'];
    const args = ['--endpoint', url, 'download', image, ...to, '--error-format', 'json', '--progress', 'none'];
    const result = await runCli([...args, '--retries', String(retries)], { cwd });
    const failure = toldBy(result);
    if (file === null) return { failure, record: null, piped: result.stdoutBytes };
    const record = failure === null ? (JSON.parse(result.stdout) as DownloadRecord) : null;
    return { failure, record, piped: nothing };
  },

  mirror: async ({ url, retries, place, env, timeoutMs, retryFailed = false, signal }) => {
    const args = ['--endpoint', url, 'mirror', place, '-f', 'json', '--progress', 'json', '--error-format', 'json'];
    const time = String(timeoutMs / 1000);
    const limits = ['--retries', String(retries), '--timeout', time, '--stall-timeout', time];
    const result = await runCli([...args, '--debug', ...limits, ...(retryFailed ? ['--retry-failed'] : [])], {
      env,
      ...(signal === undefined ? {} : { signal }),
    });
    return { code: toldBy(result)?.code ?? null, shown: `${result.stdout}\n${result.stderr}` };
  },

  inspect: async ({ url, image = storeImage, retries }) => {
    const result = await runCli(['--endpoint', url, '--retries', String(retries), 'inspect', image, '-f', 'json']);
    if (result.code !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout) as Report;
  },
};

/**
 * What a command tells of its failure; null if it succeeded.
 * @throws if its exit code is not that of its error, or if it met a bug
 */
function toldBy(result: CliResult): Told | null {
  if (result.code === 0) return null;
  const { code, exit, image, http_status, attempts, partial } = result.error() as unknown as Told & { exit: number };
  if (errorCodes.includes(code) && exit === exitCodeOf(code) && exit === result.code) {
    return { code, image, http_status, attempts, partial };
  }
  throw new Error(`exit code ${String(result.code)}: ${result.stderr}`);
}

type ConnectOptions = Parameters<typeof GlanceClient.connect>[0];

/** Works with a client that finds nothing of this machine's configuration, as `runCli` does not. */
async function withClient<T>(
  { cwd = '/dev/null', ...options }: ConnectOptions & { readonly cwd?: string },
  work: (client: GlanceClient) => Promise<T>,
): Promise<T> {
  const system = { ...systemOf(process), env: {}, homedir: '/dev/null/home', cwd, clock: eagerClock };
  const client = await GlanceClient.connect({ system, ...options });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const library: Door = {
  name: 'the library',

  download: async ({ url, image = storeImage, retries, cwd, file, connections = 1 }) => {
    const chunks: Buffer[] = [];
    const fetched = async (client: GlanceClient): Promise<DownloadRecord | null> => {
      if (file !== null) return await client.download(image, file, { force: true, connections });
      for await (const chunk of client.open(image)) chunks.push(chunk as Buffer);
      return null;
    };
    try {
      const record = await withClient({ endpoint: url, retries, cwd }, fetched);
      return { failure: null, record, piped: Buffer.concat(chunks) };
    } catch (error) {
      return { failure: toldOf(error), record: null, piped: Buffer.concat(chunks) };
    }
  },

  mirror: async ({ url, retries, place, env, timeoutMs, retryFailed = false, signal }) => {
    const shown: unknown[] = [];
    const show = (what: unknown): void => void shown.push(what);
    const seen = { onWire: show, onWarning: show, onNote: show, onWait: show };
    const limits = { retries, timeoutMs, stallTimeoutMs: timeoutMs };
    const how = { retryFailed, onEvent: show, ...(signal === undefined ? {} : { signal }) };
    let code: ErrorCode | null;
    try {
      const report = await withClient({ endpoint: url, env, ...limits, ...seen }, (client) =>
        client.mirror(place, how).run(),
      );
      show(report);
      code = report.counts.failed > 0 ? 'partial' : null;
    } catch (error) {
      show(error);
      code = signal?.aborted === true && error === signal.reason ? 'interrupted' : toldOf(error).code;
    }
    // As a program shows it that logs values whole.
    return { code, shown: inspect(shown, { depth: null, maxArrayLength: null, maxStringLength: null }) };
  },

  inspect: async ({ url, image = storeImage, retries }) =>
    await withClient({ endpoint: url, retries }, (client) => client.inspect(image)),
};

/** What an error of the library tells. @throws the error itself, if it is none of the library */
function toldOf(error: unknown): Told {
  if (!(error instanceof GlanceError)) throw error;
  const { image = null, httpStatus = null, attempts = 1, partial = null } = error.facts;
  return { code: error.code, image, http_status: httpStatus, attempts, partial };
}

/** The door to try a world through, which is the other one for the next turn. */
export function doorOn(turn: number): Door {
  return turn % 2 === 0 ? command : library;
}

/** In a proof both, else the one whose turn it is. */
export function doorsOn(turn: number): readonly Door[] {
  return isProof ? [command, library] : [doorOn(turn)];
}
