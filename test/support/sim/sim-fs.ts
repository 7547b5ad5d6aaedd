// A file system that can lose power. It keeps what programs see and what the disk has: data becomes durable by sync, names by a
// sync of their directory. After a cut, any of the writes since then may be there or not, sector by sector, and of the changes
// of names any number of the first ones.
import { constants } from 'node:fs';
import type { FileStatus, HostFileSystem, OpenFile } from '../../../src/transfer/files/file-system.ts';
import { type Choose, type Inode, tear } from './torn.ts';

/** Thrown by the operation at which the power goes, and by every one after it. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

type Change = (names: Map<string, Inode>) => void;

interface Trouble {
  readonly at: number;
  readonly code: string;
}

export class SimFs implements HostFileSystem {
  readonly #names: Map<string, Inode>;
  readonly #durableNames: Map<string, Inode>;
  #changes: Change[] = [];
  #operations = 0;
  #cutAt = Infinity;
  #trouble: Trouble | null = null;
  #quota = Infinity;
  readonly #hasLinks: boolean;

  /** @param hasLinks whether a file can have several names */
  constructor(names: ReadonlyMap<string, Inode> = new Map(), hasLinks = true) {
    this.#hasLinks = hasLinks;
    this.#names = new Map(names);
    this.#durableNames = new Map(names);
  }

  /** Files that were opened and not closed again. */
  openFiles = 0;

  /** Operations so far. */
  get operations(): number {
    return this.#operations;
  }

  /** The power goes at operation `k`, counted from 1. */
  cutAt(k: number): void {
    this.#cutAt = k;
  }

  /** Operation `k` fails with this errno. */
  failAt(k: number, code: string): void {
    this.#trouble = { at: k, code };
  }

  /** The process is gone and another may run: what was written is there, durable or not. */
  revive(): void {
    this.#cutAt = Infinity;
    this.#trouble = null;
  }

  /** Bytes left on the disk for all files together; nothing announces the end. Infinity removes the limit. */
  limit(bytes: number): void {
    this.#quota = this.#used() + bytes;
  }

  /** What is on the disk after the power came back. */
  crash(choose: Choose): SimFs {
    const names = new Map(this.#durableNames);
    for (const change of this.#changes.slice(0, choose(this.#changes.length + 1))) change(names);
    const survived = new Map<Inode, Inode>();
    for (const inode of names.values()) {
      const data = tear(inode, choose);
      survived.set(inode, { data, durable: Buffer.from(data), mode: inode.mode });
    }
    const all = new Map([...names].map(([path, inode]) => [path, survived.get(inode) ?? inode]));
    return new SimFs(all, this.#hasLinks);
  }

  /** Contents by path. */
  files(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#names].map(([path, { data }]) => [path, data]));
  }

  /** Puts a file there, durable. */
  put(path: string, data: Buffer): void {
    const inode = { data: Buffer.from(data), durable: Buffer.from(data), mode: 0o644 };
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  /** Removes a file, durably. */
  remove(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  async open(path: string, flags: number, mode: number): Promise<OpenFile> {
    await this.#step();
    const isWanted = (flag: number): boolean => Math.floor(flags / flag) % 2 === 1;
    let inode = this.#names.get(path);
    if (inode !== undefined && isWanted(constants.O_CREAT) && isWanted(constants.O_EXCL)) throw failure('EEXIST');
    if (inode === undefined) {
      if (!isWanted(constants.O_CREAT)) throw failure('ENOENT');
      const created: Inode = { data: Buffer.alloc(0), durable: Buffer.alloc(0), mode };
      this.#change((names) => names.set(path, created));
      inode = created;
    }
    if (isWanted(constants.O_TRUNC)) inode.data = Buffer.alloc(0);
    return this.#handle(inode);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    const inode = this.#names.get(from);
    if (inode === undefined) throw failure('ENOENT');
    this.#change((names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  async link(existing: string, name: string): Promise<void> {
    await this.#step();
    if (!this.#hasLinks) throw failure('EPERM');
    const inode = this.#names.get(existing);
    if (inode === undefined) throw failure('ENOENT');
    if (this.#names.has(name)) throw failure('EEXIST');
    this.#change((names) => names.set(name, inode));
  }

  async unlink(path: string): Promise<void> {
    await this.#step();
    if (!this.#names.has(path)) throw failure('ENOENT');
    this.#change((names) => names.delete(path));
  }

  async readdir(path: string): Promise<readonly string[]> {
    await this.#step();
    return [...this.#names.keys()].map((name) => name.slice(path.length + 1));
  }

  async stat(path: string): Promise<FileStatus> {
    await this.#step();
    const inode = this.#names.get(path);
    if (inode === undefined) throw failure('ENOENT');
    return this.#status(inode);
  }

  lstat(path: string): Promise<FileStatus> {
    return this.stat(path);
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(Number.MAX_SAFE_INTEGER);
  }

  realpath(path: string): Promise<string> {
    return Promise.resolve(path);
  }

  async syncDirectory(): Promise<void> {
    await this.#step();
    for (const change of this.#changes.splice(0)) change(this.#durableNames);
  }

  #change(change: Change): void {
    change(this.#names);
    this.#changes.push(change);
  }

  async #step(): Promise<void> {
    this.#operations += 1;
    if (this.#operations >= this.#cutAt) throw new PowerCut('the power is gone');
    if (this.#trouble?.at === this.#operations) throw failure(this.#trouble.code);
    await Promise.resolve();
  }

  #used(): number {
    return [...new Set(this.#names.values())].reduce((sum, { data }) => sum + data.length, 0);
  }

  #status(inode: Inode): FileStatus {
    const nlink = [...this.#names.values()].filter((each) => each === inode).length;
    const status = { size: inode.data.length, mode: inode.mode, uid: 0, dev: 1, ino: 1, nlink };
    return { ...status, isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false };
  }

  #handle(inode: Inode): OpenFile {
    this.openFiles += 1;
    return {
      read: async (buffer, offset, length, position) => {
        await this.#step();
        const bytes = inode.data.subarray(position, position + length);
        buffer.set(bytes, offset);
        return bytes.length;
      },
      write: async (buffer, offset, length, position) => {
        await this.#step();
        const growth = Math.max(0, position + length - inode.data.length);
        const excess = Math.max(0, growth - Math.max(0, this.#quota - this.#used()));
        // As a real one does: what fits is written, and the next write fails.
        const count = length - Math.min(length, excess);
        if (count === 0 && length > 0) throw failure('EDQUOT');
        const data = Buffer.alloc(Math.max(inode.data.length, position + count));
        inode.data.copy(data);
        data.set(buffer.subarray(offset, offset + count), position);
        inode.data = data;
        return count;
      },
      truncate: async (length) => {
        await this.#step();
        const data = Buffer.alloc(length);
        inode.data.copy(data);
        inode.data = data;
      },
      sync: () => this.#sync(inode),
      datasync: () => this.#sync(inode),
      chmod: async (mode) => {
        await this.#step();
        inode.mode = mode;
      },
      stat: async () => {
        await this.#step();
        return this.#status(inode);
      },
      close: () => {
        this.openFiles -= 1;
        return Promise.resolve();
      },
    };
  }

  async #sync(inode: Inode): Promise<void> {
    await this.#step();
    inode.durable = Buffer.from(inode.data);
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
