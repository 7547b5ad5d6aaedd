// Where the queue is, for every command that works with one.
import type { Command } from './commander.ts';

export function queueOptions(command: Command) {
  return command
    .option('--queue <url>', 'queue to use: redis://HOST[:PORT][/DB][#NAME], or rediss://; or set GLANCE_CLI_QUEUE')
    .option('--queue-file <file>', 'file with the URL of the queue, including its password')
    .option('--queue-cacert <file>', 'PEM file of the authorities to trust, for rediss://');
}
