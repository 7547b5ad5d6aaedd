// Finds an image, looks inside, downloads it, and passes it through a stream.
//   node examples/download.mjs http://glance.example:9292 NAME DIRECTORY
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GlanceClient, GlanceError, safeFileName } from 'glance-cli';

const [endpoint, name, directory] = process.argv.slice(2);

// With a login: GlanceClient.connect({ cloud: 'demo', env: process.env })
const glance = await GlanceClient.connect({ endpoint });
try {
  for await (const image of glance.list({ status: 'active' })) {
    console.log(`${image.id}  ${image.name}  ${image.size} bytes`);
  }

  const image = await glance.find(name);
  const { format, safe, hazards } = await glance.inspect(image);
  console.log(`it is ${format} and ${safe ? 'safe' : hazards.map(({ code }) => code).join(', ')}`);

  const path = join(directory, safeFileName(image.name, image.id, image.disk_format));
  const result = await glance.download(image, path, {
    signal: AbortSignal.timeout(60_000),
    onEvent: ({ event }) => event !== 'progress' && console.log(`event: ${event}`),
  });
  console.log(`${result.outcome}: ${result.bytes} bytes, verified by ${result.verified_by}`);

  const sha256 = createHash('sha256');
  await pipeline(glance.open(image), sha256);
  console.log(`sha256 of the stream: ${sha256.digest('hex')}`);
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = 1;
} finally {
  await glance.close();
}
