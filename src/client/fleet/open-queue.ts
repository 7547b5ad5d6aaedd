// The queue that is configured: by an option, a file or the environment.
import { GlanceError } from '../../errors.ts';
import { parseQueueUrl } from '../../queue/queue-url.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { Connection } from '../connection.ts';
import { readTextFile } from '../settings.ts';

/** Where a queue is. */
export interface QueueOptions {
  /** `redis://[USER:PASSWORD@]HOST[:PORT][/DB][#NAME]`, `rediss://` for TLS. */
  readonly queue?: string | undefined;
  /** A file that holds such an address. */
  readonly queueFile?: string | undefined;
  /** PEM file of the authorities to trust, for `rediss://`. */
  readonly queueCacert?: string | undefined;
}

const variable = 'GLANCE_CLI_QUEUE';
const maxAddressLength = 4096;

/** Whether a queue is named, by an option or the environment. */
export function namesQueue({ system }: Connection, { queue, queueFile }: QueueOptions): boolean {
  return queue !== undefined || queueFile !== undefined || (system.env[variable] ?? '') !== '';
}

/**
 * Opens it; the packages for queues are loaded here.
 * @throws GlanceError `usage.option` without an address, or for one that is none; `usage.unsupported` without the packages;
 * `config.invalid` for files that cannot be read and a Redis that evicts; `queue.*`
 */
export async function openQueue(connection: Connection, options: QueueOptions): Promise<WorkQueue> {
  const address = parseQueueUrl(await readAddress(connection, options));
  if (address.password !== null) {
    connection.secrets.addPassword(address.password);
    if (options.queue !== undefined) {
      connection.warn(
        `everybody on this machine can read the queue's password in the arguments: use ${variable} or a file`,
      );
    }
  }
  const { queueCacert } = options;
  const ca =
    queueCacert === undefined ? null : await readTextFile(connection, { source: 'queueCacert', path: queueCacert });
  const { openBullQueue } = await import('../../queue/bullmq/bull-queue.ts');
  return await openBullQueue({ address, ca });
}

async function readAddress(connection: Connection, { queue, queueFile }: QueueOptions): Promise<string> {
  if (queue !== undefined) return queue.trim();
  if (queueFile !== undefined) {
    return (await readTextFile(connection, { source: 'queueFile', path: queueFile }, maxAddressLength)).trim();
  }
  const text = connection.system.env[variable]?.trim() ?? '';
  if (text !== '') return text;
  throw new GlanceError('usage.option', 'no queue is named', { hint: `give \`queue: URL\`, or set ${variable}` });
}
