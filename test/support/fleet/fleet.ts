// Planner and workers over a queue in this process, a Glance and both kinds of places.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConnectOptions } from '../../../src/client/connect-options.ts';
import { Connection } from '../../../src/client/connection.ts';
import { auditByFleet, type FleetAuditOptions } from '../../../src/client/fleet/fleet-audit.ts';
import type { FleetEvent } from '../../../src/client/fleet/fleet-event.ts';
import { FleetMirror, type FleetMirrorEvent, type FleetMirrorOptions } from '../../../src/client/fleet/fleet-mirror.ts';
import { FleetWorker, type FleetWorkerOptions } from '../../../src/client/fleet/worker/worker.ts';
import type { WorkerEvent } from '../../../src/client/fleet/worker/worker-event.ts';
import { type FleetVerifyEvent, verifyByFleet } from '../../../src/client/fleet/fleet-verify.ts';
import { systemOf } from '../../../src/client/system.ts';
import type { FileVerdict, MirrorReport, Report } from '../../../src/index.ts';
import type { QueueWorker, WorkerOptions } from '../../../src/queue/work-queue.ts';
import type { Glance } from '../glance.ts';
import { ManualClock } from '../manual-clock.ts';
import { QueueDouble } from './queue.ts';
import { expectValid } from '../schemas/schemas.ts';
import { startS3 } from '../s3/double.ts';
import { tempDir } from '../temp-dir.ts';

export type PlaceKind = 'directory' | 'bucket';

/** A place, and what is in it: bytes by name. */
export interface TestPlace {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: () => Promise<ReadonlyMap<string, Buffer>>;
  /** Removes one, as somebody else would. */
  readonly remove: (file: string) => Promise<void>;
}

export async function makePlace(kind: PlaceKind): Promise<TestPlace> {
  if (kind === 'bucket') {
    const store = await startS3({ minPartBytes: 1, now: () => new ManualClock().wallTime() });
    const files = async (): Promise<ReadonlyMap<string, Buffer>> =>
      await Promise.resolve(new Map([...store.dump()].map(([key, data]) => [key.replace('prod/', ''), data])));
    const remove = async (file: string): Promise<void> => {
      await Promise.resolve(store.apply({ type: 'deleteObject', bucket: 'images', key: `prod/${file}` }));
    };
    return { name: 's3://images/prod', env: store.env, files, remove };
  }
  const name = join(await tempDir(), 'm');
  await mkdir(name);
  const files = async (): Promise<ReadonlyMap<string, Buffer>> => {
    const found = await readdir(name, { recursive: true, withFileTypes: true });
    const paths = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    return new Map(await Promise.all(paths.map(async (path) => [relative(name, path), await readFile(path)] as const)));
  };
  return { name, env: {}, files, remove: (file) => rm(join(name, file)) };
}

export class TestFleet {
  readonly queue = new QueueDouble();
  readonly clock = new ManualClock();
  readonly place: TestPlace;
  readonly events: (FleetMirrorEvent | FleetVerifyEvent)[] = [];
  readonly told: WorkerEvent[] = [];

  constructor(place: TestPlace) {
    this.place = place;
    onTestFinished(() => {
      for (const event of [...this.events, ...this.told]) expectValid('progress-event', event);
    });
  }

  connect(server: Glance, options: ConnectOptions = {}): Connection {
    const system = { ...systemOf(process), env: this.place.env, clock: this.clock };
    const connection = new Connection({ endpoint: server.url, system, retries: 0, ...options });
    onTestFinished(() => connection.close());
    return connection;
  }

  async plan(server: Glance, options: FleetMirrorOptions = {}): Promise<MirrorReport> {
    const onEvent = (event: FleetMirrorEvent): void => void this.events.push(event);
    const mirror = new FleetMirror(this.connect(server), this.queue, this.place.name, { onEvent, ...options });
    const { counts, pages } = await mirror.run();
    return { rows: [...pages()].flat(), counts };
  }

  /** The reports, in order. */
  async audit(server: Glance, options: Partial<FleetAuditOptions> = {}): Promise<readonly Report[]> {
    const onEvent = (event: FleetEvent): void => void this.events.push(event);
    const how = { onEvent, signal: new AbortController().signal, ...options };
    return await gather(auditByFleet(this.connect(server), this.queue, {}, how));
  }

  /** The verdicts, in order. */
  async verify(server: Glance, isQuick = false): Promise<readonly FileVerdict[]> {
    const onEvent = (event: FleetVerifyEvent): void => void this.events.push(event);
    const how = { quick: isQuick, onEvent, signal: new AbortController().signal };
    return await gather(verifyByFleet(this.connect(server), this.queue, this.place.name, how));
  }

  async work(
    server: Glance,
    options: Partial<FleetWorkerOptions> = {},
    connect: ConnectOptions = {},
  ): Promise<QueueWorker> {
    const onEvent = (event: WorkerEvent): void => void this.told.push(event);
    const worker = new FleetWorker(this.connect(server, connect), { name: 'one', jobs: 2, onEvent, ...options });
    const running = await worker.start(this.queue);
    onTestFinished(() => running.drain(0));
    return running;
  }

  /** A worker that does this with each job, whatever it is. */
  async pretend(work: WorkerOptions['work']): Promise<QueueWorker> {
    return await this.queue.startWorker({ name: 'pretends', jobs: 1, leaseMs: 1000, work, onTrouble: () => undefined });
  }

  /** Waits until all workers are idle: time that passes before that would look like a server's silence. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if ((await this.queue.counts()).active > 0) quiet = 0;
    }
  }

  /** What became of each job, in order. */
  ends(): readonly string[] {
    return this.told.flatMap((event) => (event.event === 'job_end' ? [`${event.image} ${event.outcome}`] : []));
  }
}

/** All items, in order. */
export async function gather<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
