import { afterEach, describe, expect, it, test, vi } from 'vitest';
import {
  absoluteFilePath,
  absolutePath,
  expandPath,
  findHome,
  findWorkingDirectory,
  namesDirectory,
  type UserPlace,
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

describe('expandPath', () => {
  const linux: UserPlace = { env: {}, cwd: '/w', platform: 'linux', homedir: '/h' };

  test.each([
    ['~', '/h'],
    ['~/ca.pem', '/h/ca.pem'],
    ['~other/ca.pem', '/w/~other/ca.pem'],
    ['ca.pem', '/w/ca.pem'],
    ['../ca.pem', '/ca.pem'],
    ['/a/~/ca.pem', '/a/~/ca.pem'],
  ])('makes of %s %s', (path, expected) => {
    expect(expandPath(linux, path)).toBe(expected);
  });

  it('knows the home of a user within a snap, whose HOME is its own', () => {
    const place = { ...linux, homedir: '/h/snap/s/1', env: { SNAP_REAL_HOME: '/h' } };
    expect([expandPath(place, '~/x'), expandPath(place, 'x')]).toEqual(['/h/x', '/w/x']);
  });

  it('takes ~ followed by a backslash for the home directory on Windows alone', () => {
    expect(expandPath(linux, '~\\x')).toBe('/w/~\\x');
    expect(expandPath({ env: {}, cwd: 'C:\\w', platform: 'win32', homedir: 'C:\\h' }, '~\\x')).toBe('C:\\h\\x');
  });

  it('takes a home directory with a dollar sign as it is', () => {
    expect(expandPath({ ...linux, homedir: '/h/$&' }, '~/x')).toBe('/h/$&/x');
  });
});
