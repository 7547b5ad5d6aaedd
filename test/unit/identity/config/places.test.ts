import { describe, expect, it, test } from 'vitest';
import { type ConfigPlace, searchPaths } from '../../../../src/identity/config/places.ts';

const linux: ConfigPlace = { env: {}, cwd: '/w', platform: 'linux', homedir: '/h' };

function directories(place: Partial<ConfigPlace>): readonly string[] {
  const paths = searchPaths({ ...linux, ...place }, 'clouds', 'OS_CLIENT_CONFIG_FILE');
  return paths.filter((path) => path.endsWith('.yaml'));
}

describe('searchPaths', () => {
  test.each<[string, Partial<ConfigPlace>, readonly string[]]>([
    [
      'on Linux: working directory, ~/.config, site, /etc',
      {},
      [
        '/w/clouds.yaml',
        '/h/.config/openstack/clouds.yaml',
        '/etc/xdg/openstack/clouds.yaml',
        '/etc/openstack/clouds.yaml',
      ],
    ],
    [
      'the file of the variable first, XDG directories in their order, relative ones not at all',
      {
        env: { OS_CLIENT_CONFIG_FILE: '~/my.yaml', XDG_CONFIG_HOME: '/x', XDG_CONFIG_DIRS: '/s1:rel:/s2' },
      },
      [
        '/h/my.yaml',
        '/w/clouds.yaml',
        '/x/openstack/clouds.yaml',
        '/h/.config/openstack/clouds.yaml',
        '/s1/openstack/clouds.yaml',
        '/s2/openstack/clouds.yaml',
        '/etc/openstack/clouds.yaml',
      ],
    ],
    [
      'empty variables as if they were unset',
      { env: { OS_CLIENT_CONFIG_FILE: '', XDG_CONFIG_HOME: '', XDG_CONFIG_DIRS: '', SNAP_REAL_HOME: '' } },
      [
        '/w/clouds.yaml',
        '/h/.config/openstack/clouds.yaml',
        '/etc/xdg/openstack/clouds.yaml',
        '/etc/openstack/clouds.yaml',
      ],
    ],
    [
      "in a snap the user's own home",
      { env: { SNAP_REAL_HOME: '/home/me' } },
      [
        '/w/clouds.yaml',
        '/home/me/.config/openstack/clouds.yaml',
        '/etc/xdg/openstack/clouds.yaml',
        '/etc/openstack/clouds.yaml',
      ],
    ],
    [
      'on macOS',
      { platform: 'darwin' },
      [
        '/w/clouds.yaml',
        '/h/Library/Application Support/openstack/clouds.yaml',
        '/h/.config/openstack/clouds.yaml',
        '/Library/Application Support/openstack/clouds.yaml',
        '/etc/openstack/clouds.yaml',
      ],
    ],
    [
      'on Windows',
      { platform: 'win32', cwd: 'C:\\w', homedir: 'C:\\Users\\me', env: { LOCALAPPDATA: 'D:\\L' } },
      [
        'C:\\w\\clouds.yaml',
        'D:\\L\\OpenStack\\openstack\\clouds.yaml',
        'C:\\Users\\me\\.config\\openstack\\clouds.yaml',
        'C:\\ProgramData\\OpenStack\\openstack\\clouds.yaml',
      ],
    ],
  ])('looks %s', (_what, place, expected) => {
    expect(directories(place)).toEqual(expected);
  });

  it('tries .yaml, .yml and .json in each directory', () => {
    const paths = searchPaths(linux, 'secure', null);
    expect(paths.slice(0, 3)).toEqual(['/w/secure.yaml', '/w/secure.yml', '/w/secure.json']);
  });

  it('names no path twice', () => {
    const paths = searchPaths({ ...linux, env: { XDG_CONFIG_HOME: '/h/.config' } }, 'clouds', null);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
