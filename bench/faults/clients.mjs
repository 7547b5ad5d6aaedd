// The clients in the comparison: how people call each, and whether it is installed.
import { spawnSync } from 'node:child_process';
import { programPath } from '../measuring/program.mjs';
import { imageId, token } from './server.mjs';

const fileUrl = (/** @type {string} */ url) => `${url}/v2/images/${imageId}/file`;
const header = `X-Auth-Token: ${token}`;
/** What Python clients need to use a token and an endpoint without a login. */
const openstack = ['--os-auth-type', 'admin_token', '--os-token', token, '--os-endpoint'];

/**
 * @typedef {object} Client
 * @property {string} name
 * @property {string[]} version the command that prints it
 * @property {(url: string, target: string, options: { resume: boolean, force: boolean }) => string[]} download
 * @property {((url: string) => string[]) | null} toStdout
 * @property {((url: string) => string[]) | null} list
 */

/** @type {readonly Client[]} */
export const clients = [
  {
    name: 'glance-cli',
    version: [process.execPath, programPath, '--version'],
    download: (url, target, { force }) => [
      process.execPath,
      programPath,
      '--endpoint',
      `${url}/v2`,
      '--progress',
      'none',
      'download',
      imageId,
      '-o',
      target,
      ...(force ? ['--force'] : []),
    ],
    toStdout: (url) => [process.execPath, programPath, '--endpoint', `${url}/v2`, 'download', imageId],
    list: (url) => [process.execPath, programPath, '--endpoint', `${url}/v2`, 'list'],
  },
  {
    name: 'curl',
    version: ['curl', '--version'],
    download: (url, target, { resume }) => [
      'curl',
      '-sSfL',
      '--retry',
      '2',
      ...(resume ? ['-C', '-'] : []),
      '-H',
      header,
      '-o',
      target,
      fileUrl(url),
    ],
    toStdout: null,
    list: null,
  },
  {
    name: 'wget',
    version: ['wget', '--version'],
    download: (url, target, { resume }) => [
      'wget',
      '-q',
      '--tries=3',
      ...(resume ? ['-c'] : []),
      `--header=${header}`,
      '-O',
      target,
      fileUrl(url),
    ],
    toStdout: null,
    list: null,
  },
  {
    name: 'wget2',
    version: ['wget2', '--version'],
    download: (url, target, { resume }) => [
      'wget2',
      '-q',
      '--tries=3',
      ...(resume ? ['-c'] : []),
      `--header=${header}`,
      '-O',
      target,
      fileUrl(url),
    ],
    toStdout: null,
    list: null,
  },
  {
    name: 'aria2c',
    version: ['aria2c', '--version'],
    download: (url, target, { resume }) => [
      'aria2c',
      '-q',
      '-x4',
      '--max-tries=3',
      '--retry-wait=1',
      '--allow-overwrite=true',
      ...(resume ? ['-c'] : []),
      `--header=${header}`,
      '-d',
      target.slice(0, target.lastIndexOf('/')),
      '-o',
      target.slice(target.lastIndexOf('/') + 1),
      fileUrl(url),
    ],
    toStdout: null,
    list: null,
  },
  {
    name: 'rclone',
    version: ['rclone', 'version'],
    download: (url, target) => ['rclone', '-q', 'copyurl', '--header', header, fileUrl(url), target],
    toStdout: null,
    list: null,
  },
  {
    name: 'glance',
    version: ['glance', '--version'],
    download: (url, target) => [...glance(url), 'image-download', '--file', target, imageId],
    toStdout: (url) => [...glance(url), 'image-download', imageId],
    list: (url) => [...glance(url), 'image-list'],
  },
  {
    name: 'openstack',
    version: ['openstack', '--version'],
    download: (url, target) => [...openstackCall(url), 'image', 'save', '--file', target, imageId],
    toStdout: (url) => [...openstackCall(url), 'image', 'save', imageId],
    list: (url) => [...openstackCall(url), 'image', 'list'],
  },
];

/** @param {string} url */
function glance(url) {
  return ['glance', '--os-image-url', url, '--os-auth-token', token, '--os-image-api-version', '2'];
}

/** @param {string} url */
function openstackCall(url) {
  return ['openstack', ...openstack, `${url}/v2`];
}

/**
 * The version of a client; null if it is not installed.
 * @param {Client} client
 */
export function versionOf({ version: [command = '', ...args] }) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? (/\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? '?') : null;
}
