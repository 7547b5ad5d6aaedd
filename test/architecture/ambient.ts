// Where src/ reads what is around it: the clock, chance, the machine, its user. All else is told, so that a test or a program can say
// otherwise.
import { scanSource, type Source } from './scan.ts';

/** What each file reads, `file: what`, sorted and each once. Imports of types read nothing. */
export function findAmbientReads(sources: readonly Source[]): string[] {
  const found = sources.flatMap((source) => {
    const { path, imports, reads } = scanSource(source);
    const taken = imports
      .filter(({ specifier, typeOnly }) => specifier === 'node:os' && !typeOnly)
      .flatMap(({ names }) => (names ?? ['*']).map((name) => `${name} of node:os`));
    return [...reads, ...taken].map((what) => `${path}: ${what}`);
  });
  return [...new Set(found)].toSorted();
}

/** Each file that may, with what it reads. */
const mayRead: Readonly<Record<string, readonly string[]>> = {
  // Where the values are made that all others are told.
  'clock.ts': ['Date.now', 'Math.random', 'performance.now', 'setTimeout', 'systemClock'],
  'local/places.ts': [
    'findHome',
    'findWorkingDirectory',
    ...['devNull', 'homedir', 'userInfo'].map((name) => `${name} of node:os`),
  ],
  'client/system.ts': [
    'bareSystem',
    'findHome',
    'findWorkingDirectory',
    'systemClock',
    'systemOf',
    ...['hostname', 'platform', 'tmpdir', 'userInfo'].map((name) => `${name} of node:os`),
  ],
  // The edges, which choose them: of the library, of the program, and of the server, which has no other surroundings.
  'index.ts': ['systemOf'],
  'client/glance-client.ts': ['bareSystem'],
  'client/standalone.ts': ['bareSystem', 'systemClock'],
  'main.ts': ['systemClock', 'systemOf'],
  'server/app.ts': ['systemClock'],
  'server/listener.ts': ['systemClock'],
  // A hash that strangers cannot predict, so that they cannot make its table slow.
  'compact/id-set.ts': ['Math.random'],
  'compact/packed-map.ts': ['Math.random'],
  // BullMQ goes by the real time, whatever we are told.
  'queue/bullmq/bull-queue.ts': ['Date.now'],
  'queue/bullmq/bull-worker.ts': ['Date.now', 'performance.now', 'setInterval', 'setTimeout'],
  // Whether this machine has restarted since another process took a lock.
  'transfer/lock/lock-file.ts': ['uptime of node:os'],
  // All of a process share these threads.
  'transfer/threads/thread-pool.ts': ['availableParallelism of node:os', 'setTimeout'],
};

/** What {@link findAmbientReads} may find in src/. */
export const allowedReads = Object.entries(mayRead)
  .flatMap(([path, reads]) => reads.map((what) => `${path}: ${what}`))
  .toSorted();
