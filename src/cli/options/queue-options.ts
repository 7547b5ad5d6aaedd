// Where a queue is, for every command that has to do with one.
import type { Command } from './commander.ts';

export function queueOptions(command: Command) {
  return command
    .option(
      '--queue <url>',
      'queue of the work: redis://HOST[:PORT][/DB][#NAME], or rediss://; or set GLANCE_CLI_QUEUE',
    )
    .option('--queue-file <file>', 'file that holds the address of the queue, with its password')
    .option('--queue-cacert <file>', 'certificates of authorities to trust, for rediss://');
}
