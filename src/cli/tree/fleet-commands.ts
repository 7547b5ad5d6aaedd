// The commands about many machines: worker, queue. Description only, as in program.ts.
import { Argument, type Command, withOptions } from '../options/commander.ts';
import { queueActions, queueCommandOptions, workerOptions } from '../options/fleet-options.ts';
import type { Execute } from './command-parts.ts';

/** `worker` */
export function describeWorker(command: Command, execute: Execute): void {
  const described = command
    .summary('carry out what mirror, inspect --all and verify plan with a queue')
    .description(
      'Takes images from a queue, and brings each to its place, inspects it, or compares it with the index of its place, as was ' +
        'planned, with its own login to the cloud and its own keys of the bucket; ' +
        'any number of workers on any number of machines share a queue. A worker that ends, freezes or loses the queue loses its ' +
        'image to another one, which resumes it. At the first signal it takes nothing new, and hands back what is not finished ' +
        'in time; at the second it ends.',
    );
  withOptions(described, workerOptions).action(async (options) => {
    const { worker } = await import('../commands/fleet/worker.ts');
    await execute((context) => worker(context, options));
  });
}

/** `queue` */
export function describeQueue(command: Command, execute: Execute): void {
  const described = command
    .summary('see and steer a queue')
    .description(
      'status: how many images wait, are under way, are tried again later and have failed, and how many workers there are. ' +
        'failed: which have failed, and why. retry: tries failed ones again, all or those named. pause, resume: no worker takes ' +
        'anything new meanwhile. clear: empties the queue. What is in a place stays; planning again fills the queue again.',
    )
    .addArgument(new Argument('[action]', 'what to do').choices(queueActions).default('status'))
    .argument('[id...]', 'of retry: images or jobs');
  withOptions(described, queueCommandOptions).action(async (action, ids, options) => {
    const { queue } = await import('../commands/fleet/queue.ts');
    await execute((context) => queue(context, action, ids, options));
  });
}
