// What the topic fleet tells: work that many machines share, from the first three terminals to what may fail.
import type { Definition, ManSection } from './man-section.ts';

const drawing = [
  '                          lists, plans, waits',
  '  Glance <---------------------- mirror PLACE --queue ------+',
  '    |                                  |  jobs              |  index,',
  '    |                                  v                    |  sums',
  '    |                            Redis or Valkey            |',
  '    |                                  |  leases            |',
  '    |  image data                      v                    v',
  '    +----------------> worker, worker, worker ----------> PLACE',
  '                                           data, digests, records',
].join('\n');

const start = [
  'export GLANCE_CLI_QUEUE=redis://queue.example:6379/0',
  '# on one machine: plans, waits, and prints the report',
  'glance-cli mirror s3://images/prod --visibility public',
  '# on each of the others, with a login and keys of its own',
  'glance-cli worker --jobs 4',
  '# anywhere',
  'glance-cli queue status',
  'glance-cli queue failed',
  '# the same workers: every image of the cloud inspected, every image of the mirror compared',
  'glance-cli inspect --all -f ndjson',
  'glance-cli verify s3://images/prod',
].join('\n');

const needs: readonly Definition[] = [
  {
    term: 'The queue',
    text: 'Redis or Valkey with `maxmemory-policy noeviction`, which is checked, and better with `appendonly yes`. A job takes about 1 kB there. The packages bullmq and ioredis are installed beside glance-cli by hand (npm install bullmq@6 ioredis@6); its executables have them.',
  },
  {
    term: 'The place',
    text: 'A bucket that all can reach, or a directory that all see under the same path. Workers take no directory for a place in which no mirror was begun, so that one that is not mounted is not filled.',
  },
  {
    term: 'Versions',
    text: 'The same version of glance-cli everywhere: a job of another one fails with `metadata.invalid`.',
  },
];

const kinds: readonly Definition[] = [
  {
    term: 'mirror PLACE',
    text: 'Workers fetch. The planner writes records that changed, and the index and the lists of checksums at the end. `--require-safe`, `--require-checksum` and `--retry-failed` go with the jobs; `--prune` and `--watch` are for the planner; `--dry-run` asks no queue; `--jobs` and `--limit-rate` are for the workers. `--detach` ends once all is planned; the next run lists what has come meanwhile.',
  },
  {
    term: 'inspect --all',
    text: 'Workers inspect, with their own login. The reports come back through the queue, are printed in the order of the list in every format, and are removed once printed; up to 1,000 images are under way at once. `--contents`, `--contents-limit`, `--spool` and `--target` go with the jobs. A report of a planner that was killed is kept for a day, and taken by the next one that asks for the same. `--detach --to PLACE` waits for nothing: workers keep each report as PLACE/audit/ID.json.',
  },
  {
    term: 'verify PLACE',
    text: 'Workers read and compare the images that the index lists, each whole image by one of them; `--quick` goes with the jobs. The planner looks at the lists of checksums, and for what does not belong there. The report and the exit code are those of `verify` alone.',
  },
];

const watching: readonly Definition[] = [
  {
    term: 'The planner',
    text: 'shows on a terminal a line for each worker that has something to do and one for all: done, failed, bytes, rate, time left; elsewhere a line every ten seconds. A lost lease is a line of its own. With `--progress json` each is an event: `fleet` has the numbers of all and of each worker, `lost` a lease that was lost.',
  },
  {
    term: 'worker --metrics [HOST:]PORT',
    text: 'answers Prometheus at /metrics: glance_cli_jobs_total (by kind and outcome), glance_cli_jobs_running, glance_cli_job_failures_total (by error code), glance_cli_bytes_total, glance_cli_retries_total, glance_cli_lease_losses_total, glance_cli_queue_troubles_total, glance_cli_job_duration_seconds (a histogram) and glance_cli_build_info.',
  },
  {
    term: 'queue status, queue failed',
    text: 'say how many images wait, are under way and have failed, and why, in every format.',
  },
];

const sizing: readonly Definition[] = [
  {
    term: 'Workers',
    text: 'A worker fetches `--jobs` images at once, each over a connection of its own. More machines help as long as the cloud, the network and the store have more to give.',
  },
  {
    term: 'Leases',
    text: 'A worker that was killed or is frozen loses its images after `--lease` seconds, and half of that at most until somebody notices. A shorter lease finds it out sooner; one that is shorter than the pauses of a machine loses images that come on well.',
  },
  {
    term: 'Many servers that say 429',
    text: 'The first worker that is told so makes all of them wait, for as long as the server said.',
  },
];

const security: readonly Definition[] = [
  {
    term: 'Who can write to the queue',
    text: 'can make workers fetch any image that their login can see into any place that their keys and rights reach, learn what is in such images and whether files of such a place have a digest, and put words into reports that planners print. Give the queue a password or a user of its own (`rediss://USER:PASSWORD@HOST`, in a file named by `--queue-file` or in GLANCE_CLI_QUEUE), a network of its own, and workers no more rights than the mirror needs.',
  },
  {
    term: 'Who can read it',
    text: 'learns the names, sizes and digests of images, the endpoint and the place, and what was found in images as long as it waits to be printed. No password, token or key is in a job, a report, a reason or an event.',
  },
  {
    term: 'Each worker',
    text: 'needs a login that may list and read the images, keys that may read, write and delete below the place, and the queue. It listens on no port, unless `--metrics` says so: on this machine alone, if no host is named. Who can reach that learns numbers: no name, place or address is among them.',
  },
  {
    term: 'The planner',
    text: 'needs the same: it lists the images, and writes the index and the lists of checksums.',
  },
];

const failures: readonly Definition[] = [
  {
    term: 'A worker is killed, or its machine is lost',
    text: 'The lease runs out and another worker has the image. In a bucket it resumes the upload, so that the part under way is what was lost; in a directory it begins anew.',
  },
  {
    term: 'A worker freezes, and wakes',
    text: 'It has lost its lease, which it asks for before it commits, and stops. Whatever two of them write of an image is the same.',
  },
  {
    term: 'A worker ends at a signal',
    text: 'It takes nothing new, finishes within `--drain-timeout` or hands back. At a second signal it ends at once, as if it were killed.',
  },
  {
    term: 'The queue is started again, or loses what it had',
    text: 'Workers connect again. The planner waits for up to five minutes, looks at the place again before it says that it is done, and plans again what is missing.',
  },
  {
    term: 'The planner is killed',
    text: 'Workers continue. Run the same command again: what is in the place is not fetched again.',
  },
  {
    term: 'No worker for ten minutes',
    text: 'The planner ends with 5 and says how much is left.',
  },
  {
    term: 'An image cannot be had: wrong digest, gone, refused',
    text: 'It fails once, with its code, and is remembered in the place until its record changes (`--retry-failed`).',
  },
  {
    term: 'What may pass fails again and again',
    text: 'It is tried eight times, later each time, and then is among `queue failed`; `queue retry` or the next plan tries it again.',
  },
  {
    term: 'An image kills three workers',
    text: 'It is set aside with `worker.died`. The planner that waits has it tried once more.',
  },
  {
    term: 'A worker has another Glance, wrong keys or no mount',
    text: 'It says so and hands the image back to the others.',
  },
  {
    term: 'Two planners, or a plain mirror beside a fleet',
    text: 'Two plans add nothing to each other. Of two that inspect or compare the same images each has its own reports: what one has taken is done again for the other. A plain mirror fetches at worst what a worker fetches, too. A directory is held by one of them at a time.',
  },
];

/** The sections of the topic. */
export function fleetSections(): readonly ManSection[] {
  const about =
    'With `--queue`, `mirror` plans here and workers on any number of machines fetch; `inspect --all` and `verify` are shared ' +
    'in the same way. The place is the truth and the queue is ' +
    'disposable: what the queue loses is planned again from what the place holds.';
  return [
    {
      title: 'MANY MACHINES',
      blocks: [
        { type: 'text', text: about },
        { type: 'code', code: drawing },
      ],
    },
    { title: 'THREE TERMINALS', blocks: [{ type: 'code', code: start }] },
    { title: 'WHAT IS SHARED', blocks: [{ type: 'definitions', items: kinds }] },
    { title: 'WHAT IT NEEDS', blocks: [{ type: 'definitions', items: needs }] },
    { title: 'WATCHING IT', blocks: [{ type: 'definitions', items: watching }] },
    { title: 'SIZING', blocks: [{ type: 'definitions', items: sizing }] },
    { title: 'SECURITY', blocks: [{ type: 'definitions', items: security }] },
    { title: 'WHAT MAY FAIL', blocks: [{ type: 'definitions', items: failures }] },
  ];
}
