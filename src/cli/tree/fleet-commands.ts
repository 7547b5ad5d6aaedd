// Describes the commands for work on many machines: worker, queue. Descriptions only, as program.ts explains.
import { Argument, type Command, addOptions } from '../options/commander.ts';
import { queueActions, queueCommandOptions, workerOptions } from '../options/fleet-options.ts';
import { type Execute, paragraphs } from './command-parts.ts';

/** `worker` */
export function describeWorker(command: Command, execute: Execute): void {
  const described = command
    .summary('do the work that mirror, inspect --all and verify put in a queue')
    .description(
      paragraphs(
        "Takes images from a queue and mirrors, inspects or verifies each as planned, with this machine's own login to " +
          'the cloud and its own keys for the bucket. Any number of workers on any number of machines can share a queue.',
        'If a worker ends, freezes or loses the queue, another one takes over its image and resumes it. At the first ' +
          'signal a worker takes no new images, and hands back those that it cannot finish in time; at the second it ends ' +
          'at once.',
      ),
    );
  addOptions(described, workerOptions).action(async (options) => {
    const { worker } = await import('../commands/fleet/worker.ts');
    await execute((context) => worker(context, options));
  });
}

/** `queue` */
export function describeQueue(command: Command, execute: Execute): void {
  const described = command
    .summary('show and control a queue')
    .description(
      'status: how many images are waiting, in progress, to be retried later and failed, and how many workers there are. ' +
        'failed: which images failed, and why. retry: tries failed ones again, all or those that you name. pause, ' +
        'resume: stops workers from taking new images, and lets them again. clear: empties the queue. What is in a place ' +
        'stays there; planning again refills the queue.',
    )
    .addArgument(new Argument('[action]', 'what to do').choices(queueActions).default('status'))
    .argument('[id...]', 'for retry: images or jobs');
  addOptions(described, queueCommandOptions).action(async (action, ids, options) => {
    const { queue } = await import('../commands/fleet/queue.ts');
    await execute((context) => queue(context, action, ids, options));
  });
}
