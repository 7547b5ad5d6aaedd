// Files within images as programs see them: by a GlanceClient.
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { GlanceClient, type GuestFile, type ImageFiles } from '../../../../src/index.ts';
import { largeGuestImage } from '../../../support/disk/guests/large-guest.ts';
import { startStore, storeImage } from '../../../support/servers/store.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const image = largeGuestImage();

async function listed(files: ImageFiles, path?: string): Promise<readonly GuestFile[]> {
  const all: GuestFile[] = [];
  for await (const file of files.list(path)) all.push(file);
  return all;
}

describe('the files within an image', () => {
  it('are those of an image that was found, and of one by its name, where it lies', async () => {
    const store = await startStore({ data: image, ranges: 'works', record: { disk_format: 'qcow2' } });
    const client = await GlanceClient.connect({ endpoint: store.url });
    try {
      const [found, named] = [client.within(await client.find(storeImage)), client.within(storeImage)];
      expect(store.asked).toEqual([]);
      expect((await listed(found)).map(({ name }) => name)).toContain('etc');
      expect(await listed(named, '/usr/lib')).toEqual(await listed(found, 'lib'));
      expect(await text(named.open('/etc/os-release'))).toContain('ID=debian\n');
      await expect(text(found.open('/none'))).rejects.toMatchObject({ code: 'contents.not_found' });
      expect(store.asked.filter((asked) => asked === 'all')).toHaveLength(5);
    } finally {
      await client.close();
    }
  });

  it('are those of a file, and are saved completely or not at all', async () => {
    const cwd = await tempDir();
    const path = join(cwd, 'disk.qcow2');
    await writeFile(path, image);
    const client = await GlanceClient.connect({});
    const inside = client.within(path);
    const target = join(cwd, 'release');
    await inside.save('/etc/os-release', target);
    expect(readFileSync(target, 'utf8')).toBe(await text(inside.open('/usr/lib/os-release')));
    await expect(inside.save('/etc/fstab', target)).rejects.toMatchObject({ code: 'io.exists' });
    await inside.save('/etc/fstab', target, { force: true });
    expect(readFileSync(target, 'utf8')).toBe(await text(inside.open('etc/fstab')));
    const limited = client.within(path, { contentsLimit: 1_300_000 });
    await expect(limited.save('/var/lib/dpkg/status', target, { force: true })).rejects.toMatchObject({
      code: 'contents.limit',
    });
    await expect(listed(client.within(path, { partition: '1' }))).rejects.toMatchObject({
      code: 'contents.unreadable',
    });
    expect(readdirSync(cwd).toSorted()).toEqual(['disk.qcow2', 'release']);
    // One piece is enough: the rest is not read.
    for await (const { name } of inside.list('/etc')) {
      expect(name).toBe('cloud');
      break;
    }
    const stream = inside.open('/boot/vmlinuz-6.1.0-13-amd64');
    for await (const chunk of stream) {
      expect((chunk as Uint8Array).length).toBeGreaterThan(0);
      break;
    }
    expect(stream.destroyed).toBe(true);
    await client.close();
  });

  it('stop at their signal', async () => {
    const cwd = await tempDir();
    const path = join(cwd, 'disk.qcow2');
    await writeFile(path, image);
    const stop = new AbortController();
    const client = await GlanceClient.connect({});
    const inside = client.within(path, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(listed(inside)).rejects.toThrow('enough');
    await expect(text(inside.open('/etc/fstab'))).rejects.toThrow('enough');
    await expect(inside.save('/etc/fstab', join(cwd, 'fstab'))).rejects.toThrow('enough');
    expect(readdirSync(cwd)).toEqual(['disk.qcow2']);
  });
});
