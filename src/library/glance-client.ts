// The library's front door: one Glance, and what can be asked of it.
import { platform } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import { type Digest, parseDigest } from '../digests.ts';
import type { Report } from '../disk/report.ts';
import { GlanceError } from '../errors.ts';
import type { Image, Member, Store } from '../image/image.ts';
import { bearOddRecord } from '../image/odd-record.ts';
import { resolveImage } from '../image/resolve.ts';
import type { ListQuery } from '../image/service.ts';
import { absolutePath, findWorkingDirectory } from '../places.ts';
import { type DownloadResult, downloadToFile } from '../transfer/download.ts';
import { downloadToStream } from '../transfer/download-stream.ts';
import type { TransferEvent } from '../transfer/events.ts';
import type { ProcessFacts } from '../transfer/lock.ts';
import { inspectTarget } from '../transfer/target.ts';
import { connect, type Connection, type ConnectOptions, userId } from './connect.ts';
import { imageSource } from './image-source.ts';
import { inspectRemote } from './inspect-image.ts';

/** Of every call. */
export interface CallOptions {
  /** Ends the call; it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Of calls that move image data. */
export interface TransferOptions extends CallOptions {
  /** Told what happens, in order. Must not throw. */
  readonly onEvent?: (event: TransferEvent) => void;
  /** Digests that the data has to have, such as `sha256:…`, beside those that Glance publishes. */
  readonly expect?: readonly string[];
  /** Whether data without any digest to compare with is refused. Absent: false. */
  readonly requireChecksum?: boolean;
}

/** Of a download to a file. */
export interface FileDownloadOptions extends TransferOptions {
  /** Whether a file that differs is replaced. Absent: false. */
  readonly force?: boolean;
  /** Permission bits of a new file. Absent: 0o644. */
  readonly mode?: number;
  /** Ranges fetched at once, where the store has ranges; ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Whether blocks of zeros become holes. Absent: of raw images. */
  readonly sparse?: boolean;
  /** Who we are, for the lock of the target elsewhere than on Linux. Absent: a lock that is left over is not taken away. */
  readonly process?: ProcessFacts;
}

/** A Glance, whatever its API version. Every method throws GlanceError. */
export class GlanceClient {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;

  private constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /**
   * Connects, and logs in where a cloud says how.
   * @throws GlanceError `config.*`, `cloud.*`, `auth.*`, `api.version`, what requests fail with; the signal's reason
   */
  static async connect(options: ConnectOptions): Promise<GlanceClient> {
    const signal = options.signal ?? new AbortController().signal;
    return new GlanceClient(await connect(options, signal), signal);
  }

  /** The Images API that is spoken. */
  get apiVersion(): 1 | 2 {
    return this.#connection.service.apiVersion;
  }

  /** Base of the API, without credentials. */
  get endpoint(): URL {
    return this.#connection.service.endpoint;
  }

  /**
   * The images that match, every page followed as they are asked for.
   * @throws GlanceError `usage.unsupported` for a filter that this API cannot answer
   * @throws PartialError at the end, if there were records that cannot be read; it names them
   */
  async *list(query: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
    for await (const page of this.#connection.service.list(query, this.#signalOf(options))) yield* page;
  }

  /**
   * The image of that id, or else of that name.
   * @param options.latest of several of that name take the newest
   * @throws GlanceError `image.not_found`, `metadata.invalid` for a record that cannot be read; AmbiguousImageError
   */
  async find(nameOrId: string, options: CallOptions & { readonly latest?: boolean } = {}): Promise<Image> {
    const { service, warn } = this.#connection;
    const found = resolveImage(service, nameOrId, options.latest === true, this.#signalOf(options));
    return await found.catch((error: unknown) => bearOddRecord(error, warn));
  }

  /** Who an image is shared with. */
  async members(image: Image, options: CallOptions = {}): Promise<readonly Member[]> {
    return await this.#connection.service.members(image.id, this.#signalOf(options));
  }

  /** Where this Glance keeps image data. @throws GlanceError `usage.unsupported` on API v1 */
  async stores(options: CallOptions = {}): Promise<readonly Store[]> {
    return await this.#connection.service.stores(this.#signalOf(options));
  }

  /**
   * Image data to a file, which gets its name once all of it is there, checked, and on disk. What an interruption leaves is
   * gone on with by the same call; a target that matches already is left alone.
   * @param path absolute, or from the working directory
   * @throws IntegrityError, SizeError; GlanceError `io.*`, what requests fail with; the signal's reason
   */
  async download(image: Image, path: string, options: FileDownloadOptions = {}): Promise<DownloadResult> {
    const target = await inspectTarget(absolutePath(findWorkingDirectory(), path));
    if (target.kind !== 'file') throw new GlanceError('io.not_regular', `${path}: it is no regular file`);
    return await downloadToFile(this.#source(image, options), target, {
      ...this.#shared(options),
      force: options.force === true,
      mode: options.mode ?? 0o644,
      connections: options.connections ?? 1,
      sparse: options.sparse ?? image.disk_format === 'raw',
      uid: userId(),
      process: options.process ?? { pid: 0, uid: userId(), platform: platform(), isRunning: () => true },
    });
  }

  /**
   * Image data as a stream, verified as it passes: breaks are healed, and what does not match fails the stream at its end,
   * so its last byte must be waited for. To be consumed or destroyed, which hangs up.
   * @throws GlanceError `integrity.pin`; the stream fails as {@link download} does
   */
  open(image: Image, options: TransferOptions = {}): Readable {
    const stream = new PassThrough();
    const hangUp = new AbortController();
    stream.once('close', () => hangUp.abort());
    const shared = this.#shared(options);
    const signal = AbortSignal.any([shared.signal, hangUp.signal]);
    downloadToStream(this.#source(image, options), stream, 'the stream', { ...shared, signal }).then(
      () => stream.end(),
      (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return stream;
  }

  /** What image data is, and whether it is safe, from its first bytes. Nothing is written anywhere. */
  async inspect(image: Image, options: CallOptions = {}): Promise<Report> {
    const { client, service, retry, clock } = this.#connection;
    const signal = this.#signalOf(options);
    const answered = (): boolean => client.hasAnswered(service.endpoint.origin);
    return await inspectRemote(service, image, { clock, policy: retry, signal, answered });
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #signalOf({ signal }: CallOptions): AbortSignal {
    return signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal]);
  }

  #source(image: Image, { expect = [], requireChecksum }: TransferOptions): ReturnType<typeof imageSource> {
    const digests: readonly Digest[] = expect.map(parseDigest);
    const { client, service } = this.#connection;
    return imageSource(client, service, image, { digests, requireDigest: requireChecksum === true });
  }

  #shared(options: TransferOptions): Parameters<typeof downloadToStream>[3] {
    const { retry, clock } = this.#connection;
    const listen = options.onEvent ?? ((): void => undefined);
    return { extraAlgorithms: [], retry, clock, signal: this.#signalOf(options), listen };
  }
}
