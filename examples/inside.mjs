// Looks inside an image without downloading it: shows its system and some files, and writes its packages as an SBOM.
//   node examples/inside.mjs NAME SBOM
import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { escapeControls, GlanceClient, GlanceError, renderSbom } from 'glance-cli';

const [name, sbom] = process.argv.slice(2);
if (name === undefined || sbom === undefined) throw new Error('NAME and SBOM are required');

const glance = await GlanceClient.connect({ env: process.env });
try {
  const image = await glance.find(name, { latest: true });
  const { format, safe, hazards } = await glance.inspect(image);
  console.log(`${format}, ${safe === true ? 'safe' : hazards.map(({ code }) => code).join(', ')}`);

  const inventory = await glance.inventory(image);
  const system = inventory.os?.pretty_name ?? 'an unknown system';
  console.log(escapeControls(`${system}, ${inventory.packages.length} packages`));
  await writeFile(sbom, renderSbom(inventory));

  const files = glance.within(image);
  for await (const file of files.list('/etc/ssh')) {
    console.log(escapeControls(`${file.mode} ${file.name}, ${file.size} bytes`));
  }
  console.log(escapeControls(await text(files.open('/etc/fstab')), { keepNewlines: true }));
} catch (error) {
  if (!(error instanceof GlanceError)) throw error;
  console.error(escapeControls(`${error.message} [${error.code}]`));
  process.exitCode = 1;
} finally {
  await glance.close();
}
