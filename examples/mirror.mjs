// Keeps a directory in step with the safe images of a Glance, and compares it with its index.
//   node examples/mirror.mjs http://glance.example:9292 DIRECTORY
import { GlanceClient, GlanceError, verifyMirror } from 'glance-cli';

const [endpoint, directory] = process.argv.slice(2);

const glance = await GlanceClient.connect({ endpoint });
try {
  const mirror = glance.mirror(directory, {
    query: { status: 'active' },
    requireSafe: true,
    onEvent: (event) => event.event === 'done' && console.log(`${event.image}: ${event.bytes} bytes`),
  });
  const plan = await mirror.plan();
  console.log(`${plan.counts.fetched} of ${plan.counts.images} images to fetch`);

  const { rows, counts } = await mirror.run();
  for (const { action, name, reason } of rows) console.log(`${action}: ${name}${reason === null ? '' : `, ${reason}`}`);
  for await (const { path, status } of verifyMirror(directory)) console.log(`${path} is ${status}`);
  // As `mirror` ends.
  process.exitCode = counts.failed > 0 ? 9 : 0;
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = 1;
} finally {
  await glance.close();
}
