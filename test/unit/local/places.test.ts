import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  absoluteFilePath,
  absolutePath,
  findHome,
  findWorkingDirectory,
  namesDirectory,
} from '../../../src/local/places.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('the home directory', () => {
  it('is HOME', () => {
    vi.stubEnv('HOME', '/somewhere/else');
    expect(findHome()).toBe('/somewhere/else');
  });

  it.each(['', 'relative', './here', '~'])('is the one that the system reports if HOME is "%s"', (home) => {
    vi.stubEnv('HOME', home);
    expect(findHome()).toMatch(/^\//);
    expect(findHome()).not.toContain('relative');
  });
});

describe('without a working directory', () => {
  it('there is none', () => {
    vi.spyOn(process, 'cwd').mockImplementation(() => {
      throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
    });
    expect(findWorkingDirectory()).toBeNull();
  });

  it('an absolute path is unchanged, and a relative one is an error that names it', () => {
    expect(absolutePath(null, '/a/b')).toBe('/a/b');
    expect(() => absolutePath(null, 'b.raw')).toThrow(
      expect.objectContaining({ code: 'io.missing', message: expect.stringContaining('b.raw') as unknown }),
    );
    expect(absolutePath('/a', 'b')).toBe('/a/b');
  });
});

describe('the path of a file to write', () => {
  it.each(['new/', 'new//', 'new/.', 'new/..', 'a/../', '.', '..', '/', ''])('is not %j', (path) => {
    expect(namesDirectory(path)).toBe(true);
    expect(() => absoluteFilePath('/a', path)).toThrow(
      expect.objectContaining({ code: 'io.not_regular', message: `${path}: it names a directory` }),
    );
  });

  it.each(['new', './new', '../new', 'new.', 'new..', '...', 'a/.new', 'a/./b'])('may be %s', (path) => {
    expect(namesDirectory(path)).toBe(false);
    expect(absoluteFilePath('/a', path)).toBe(absolutePath('/a', path));
  });
});
