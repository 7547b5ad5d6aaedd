// A file system that writes down what is asked of it, in order, in words short enough to compare.
import { constants } from 'node:fs';
import { basename } from 'node:path';
import type { HostFileSystem, OpenFile } from '../../../src/transfer/files/file-system.ts';

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = constants;

/**
 * @param target the path of the file that is downloaded: its part and what belongs to it are written down without the key
 * @param note takes each line
 */
export function watchFs(fileSystem: HostFileSystem, target: string, note: (line: string) => void): HostFileSystem {
  const nameOf = (path: string): string =>
    path.startsWith(target.slice(0, -basename(target).length))
      ? basename(path).replace(new RegExp(`^\\.${basename(target)}\\.[0-9a-f]{12}\\.`), '')
      : path;
  const watchFile = (name: string, file: OpenFile): OpenFile => ({
    read: async (buffer, offset, length, position) => {
      const count = await file.read(buffer, offset, length, position);
      note(`read ${name} ${count}/${length} at ${position}`);
      return count;
    },
    write: async (buffer, offset, length, position) => {
      const count = await file.write(buffer, offset, length, position);
      if (!name.endsWith('tmp')) note(`write ${name} ${count}/${length} at ${position}`);
      return count;
    },
    truncate: async (length) => {
      note(`cut ${name} to ${length}`);
      await file.truncate(length);
    },
    sync: async () => {
      note(`sync ${name}`);
      await file.sync();
    },
    datasync: async () => {
      note(`datasync ${name}`);
      await file.datasync();
    },
    chmod: async (mode) => {
      note(`chmod ${name} ${mode.toString(8)}`);
      await file.chmod(mode);
    },
    stat: () => file.stat(),
    close: async () => {
      note(`close ${name}`);
      await file.close();
    },
  });
  return {
    open: async (path, flags, mode) => {
      const name = nameOf(path);
      const file = await fileSystem.open(path, flags, mode);
      const has = (flag: number): boolean => Math.floor(flags / flag) % 2 === 1;
      const how = has(O_RDWR) ? 'to change' : has(O_WRONLY) ? 'to write' : 'to read';
      const isNew = has(O_CREAT) ? `${has(O_EXCL) ? ', new' : ', perhaps new'} ${mode.toString(8)}` : '';
      note(`open ${name} ${how}${isNew}`);
      return watchFile(name, file);
    },
    rename: async (from, to) => {
      note(`rename ${nameOf(from)} to ${nameOf(to)}`);
      await fileSystem.rename(from, to);
    },
    link: async (existing, name) => {
      note(`link ${nameOf(existing)} as ${nameOf(name)}`);
      await fileSystem.link(existing, name);
    },
    unlink: async (path) => {
      await fileSystem.unlink(path);
      note(`unlink ${nameOf(path)}`);
    },
    readdir: (path) => fileSystem.readdir(path),
    stat: (path) => fileSystem.stat(path),
    lstat: (path) => fileSystem.lstat(path),
    freeBytes: (path) => fileSystem.freeBytes(path),
    realpath: (path) => fileSystem.realpath(path),
    syncDirectory: async (path) => {
      note(`sync directory ${path}`);
      await fileSystem.syncDirectory(path);
    },
  };
}
