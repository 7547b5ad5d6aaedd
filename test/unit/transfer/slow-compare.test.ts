import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { simData, simDownload, SimGlance, simTarget } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';

const data = simData(1, 40);

/** A disk on which each read takes some turns of the event loop, like one that is slower than the network. */
function slowToRead(fileSystem: SimFs): SimFs {
  const open = fileSystem.open.bind(fileSystem);
  fileSystem.open = async (...args) => {
    const file = await open(...args);
    const read = file.read.bind(file);
    file.read = async (...all) => {
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      return await read(...all);
    };
    return file;
  };
  return fileSystem;
}

it('a resumed download finishes even if data arrives faster than the existing part can be compared', async () => {
  const fileSystem = new SimFs();
  const glance = new SimGlance(data, 'refused');
  glance.cutAfter = data.length / 2;
  await expect(simDownload(fileSystem, glance, { force: false })).rejects.toMatchObject({ code: 'net.reset' });
  expect(await simDownload(slowToRead(fileSystem), glance, { force: false })).toMatchObject({ verifiedBy: 'sha256' });
  expect(fileSystem.files().get(simTarget)?.equals(data)).toBe(true);
});
