// Opens the configured queue: from an option, a file or the environment.
import { GlanceError } from '../../errors.ts';
import { parseQueueUrl } from '../../queue/queue-url.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import { answerTimeoutMs } from '../connect-options.ts';
import type { Connection } from '../connection.ts';
import { readTextFile } from '../settings.ts';

/** How to reach a queue. */
export interface QueueOptions {
  /** `redis://[USER:PASSWORD@]HOST[:PORT][/DB][#NAME]`, `rediss://` for TLS. */
  readonly queue?: string | undefined;
  /** A file that contains the address. */
  readonly queueFile?: string | undefined;
  /** PEM file of the authorities to trust, for `rediss://`. */
  readonly queueCacert?: string | undefined;
}

const variable = 'GLANCE_CLI_QUEUE';
const maxAddressLength = 4096;

/** Whether an option or the environment names a queue. */
export function namesQueue({ system }: Connection, { queue, queueFile }: QueueOptions): boolean {
  return queue !== undefined || queueFile !== undefined || (system.env[variable] ?? '') !== '';
}

/**
 * Opens the queue and loads the packages that it needs.
 * @throws GlanceError `usage.option` for a missing or malformed address; `usage.unsupported` without the packages;
 * `config.invalid` for files that cannot be read and for a Redis that evicts; `queue.*`
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
  return await openBullQueue({ address, ca, timeoutMs: connection.configured.options.timeoutMs ?? answerTimeoutMs });
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
