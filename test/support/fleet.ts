// Planner and workers over a queue in this process, a Glance and both kinds of places.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConnectOptions } from '../../src/client/connect-options.ts';
import { Connection } from '../../src/client/connection.ts';
import { FleetMirror, type FleetMirrorOptions } from '../../src/client/fleet/fleet-mirror.ts';
import { FleetWorker, type FleetWorkerOptions, type WorkerEvent } from '../../src/client/fleet/worker.ts';
import { systemOf } from '../../src/client/system.ts';
import type { MirrorEvent, MirrorReport } from '../../src/index.ts';
import type { QueueWorker } from '../../src/queue/work-queue.ts';
import type { Glance } from './glance.ts';
import { ManualClock } from './manual-clock.ts';
import { QueueDouble } from './queue.ts';
import { startS3 } from './s3/double.ts';
import { tempDir } from './temp-dir.ts';

export type PlaceKind = 'directory' | 'bucket';

/** A place, and what is in it: bytes by name. */
export interface TestPlace {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: () => Promise<ReadonlyMap<string, Buffer>>;
  /** Takes one away, as somebody else would. */
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
  readonly events: MirrorEvent[] = [];
  readonly told: WorkerEvent[] = [];

  constructor(place: TestPlace) {
    this.place = place;
  }

  connect(server: Glance, options: ConnectOptions = {}): Connection {
    const system = { ...systemOf(process), env: this.place.env, clock: this.clock };
    const connection = new Connection({ endpoint: server.url, system, retries: 0, ...options });
    onTestFinished(() => connection.close());
    return connection;
  }

  async plan(server: Glance, options: FleetMirrorOptions = {}): Promise<MirrorReport> {
    const onEvent = (event: MirrorEvent): void => void this.events.push(event);
    return await new FleetMirror(this.connect(server), this.queue, this.place.name, { onEvent, ...options }).run();
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

  /** What became of each job, in order. */
  ends(): readonly string[] {
    return this.told.flatMap((event) => (event.event === 'job_end' ? [`${event.image} ${event.outcome}`] : []));
  }
}
