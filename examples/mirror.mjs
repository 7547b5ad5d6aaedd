// Keeps a directory, or a bucket, in step with the safe images of a Glance, and compares what is there with its index.
//   node examples/mirror.mjs DIRECTORY|s3://BUCKET/PREFIX
import { escapeControls, GlanceClient, GlanceError, verifyMirror } from 'glance-cli';

const [place] = process.argv.slice(2);
if (place === undefined) throw new Error('a directory or a bucket is required');

const glance = await GlanceClient.connect({ env: process.env });
try {
  const mirror = glance.mirror(place, {
    query: { status: 'active', visibility: 'public' },
    requireSafe: true,
    onEvent: (event) => event.event === 'done' && console.log(`${event.image}: ${event.bytes} bytes`),
  });
  const plan = await mirror.plan();
  console.log(`${plan.counts.fetched} of ${plan.counts.images} images to fetch`);

  const { rows, counts } = await mirror.run();
  for (const { action, name, reason } of rows) {
    console.log(escapeControls(`${action}: ${name}${reason === null ? '' : `: ${reason}`}`));
  }

  let damaged = 0;
  for await (const { path, status } of verifyMirror(place, { connect: { env: process.env } })) {
    console.log(escapeControls(`${path} is ${status}`));
    if (status !== 'ok') damaged++;
  }
  // The same exit codes as `glance-cli verify` and `mirror`.
  if (damaged > 0) process.exitCode = 6;
  else if (counts.failed > 0) process.exitCode = 9;
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(escapeControls(`${error.message} [${error.code}]`));
  process.exitCode = 1;
} finally {
  await glance.close();
}
