// What each error code means and what to do about it. A code without a text does not compile.
import type { ErrorCode } from '../errors.ts';
import { type ErrorText, networkErrors } from './error-guide-network.ts';

const localErrors = {
  'usage.option': [
    'an option or a command is unknown, or two options do not go together',
    'see the --help of the command',
  ],
  'usage.argument': [
    'an argument or the value of an option is missing or not valid, or there is one too many',
    'see the --help of the command',
  ],
  'usage.terminal': ['image data would go to a terminal', 'give -o FILE or -O, or use a pipe'],
  'usage.unsupported': [
    "the API in use cannot answer this, or a profile needs AWS's own tools",
    'leave the option out, or use the other API version; for a profile, do as the message says',
  ],
  'config.missing': [
    'no cloud and no endpoint is configured, or no keys for a bucket',
    'set OS_CLOUD, source an openrc file, or give --endpoint; for a bucket see glance-cli-environment(7)',
  ],
  'config.invalid': [
    'a setting, or a file that a setting names, cannot be used',
    'correct the setting that the message names',
  ],
  'image.not_found': [
    'no image has that id or name, and none matches the pattern or the filters',
    'look for it with list; upper and lower case differ',
  ],
  'image.ambiguous': ['several images match where one is needed', 'give the id, or --latest'],
  'image.no_data': ['the image has no data yet, or no longer', 'check its status with show'],
  'image.deactivated': ['the image is deactivated', 'ask its owner or an administrator'],
  'cloud.not_found': ['clouds.yaml has no cloud with that name', 'check the names in it'],
  'cloud.region': ['the cloud has no such region, or several of which one must be chosen', 'give --os-region-name'],
  'cloud.no_service': ['the catalog has no image service', 'check the interface and the region, or give --endpoint'],
  'auth.missing': ['a setting that the login needs is missing', 'set what the message names'],
  'auth.failed': [
    'Keystone refused the login, or nobody logged in with the browser',
    'check the user, password, project and domains; see doctor',
  ],
  'auth.required': [
    'the server requires a token, or does not accept this one',
    'configure a login, or give --token-file',
  ],
  'auth.forbidden': ['this login is not allowed to do that', 'ask for the role that allows it, or use another project'],
  'auth.expired': ['the login expired in the middle of the command', 'log in again and run the same command again'],
  'data.empty': ['there is nothing where image data should be', 'check the command before the pipe, or the file'],
  'integrity.digest': ['the data does not match its digest', 'do not use it; try again, then tell the administrator'],
  'integrity.size': ['the number of bytes is not that of the image', 'try again, then tell the administrator'],
  'integrity.excess': ['there are more bytes than the image has', 'look for a proxy that changes the data'],
  'integrity.contradiction': [
    'the server or a list of checksums contradicts itself about an image',
    'tell whoever maintains it',
  ],
  'integrity.changed': ['the image was replaced during the download', 'run the command again'],
  'integrity.pin': ['the image is not the one that was pinned', 'find out why it was replaced'],
  'integrity.unprovable': [
    "neither the record nor the vendor's list has a digest to compare with",
    'give --expect ALG:HEX, or --against-name with the name of its entry',
  ],
  'signature.invalid': ["the image's signature does not match its data", 'do not use it'],
  'signature.missing': ['the image is not signed', 'ask its owner, or leave --verify-signature out'],
  'signature.untrusted': [
    'the certificate of the signature is not trusted',
    'if you trust it, give it with --trusted-cert',
  ],
  'signature.unsupported': ['this kind of signature cannot be checked', 'ask the owner of the image for another'],
  'io.exists': ['the target exists and differs', 'give --force to replace it, or another name'],
  'io.missing': ['a file or directory does not exist', 'check the path'],
  'io.permission': ['the file system denies access', 'check the owner and the permissions'],
  'io.readonly': ['the file system is mounted read-only', 'choose another directory'],
  'io.nospace': ['the disk is full, or the quota is used up', 'make room, then run the same command again'],
  'io.limit': [
    'the file is too large, or too many files are open',
    'see ulimit -f and -n, and the limits of the file system',
  ],
  'io.busy': ['another process is using that file or directory', 'wait for that process, or end it'],
  'io.closed': ['standard output is closed', 'give -o /dev/null to check an image without keeping it'],
  'io.not_regular': ['the path is not a regular file', 'give the path of a file'],
  'io.name': ['a file cannot have that name', 'give -o FILE'],
  'io.port': [
    'the port cannot be used',
    'choose another with --port or, for a login with the browser, OS_REDIRECT_PORT',
  ],
  'io.error': ['the disk reported an error', 'check the disk'],
  'queue.missing': ['there is no such queue', 'check its URL'],
  'queue.denied': ['the queue refuses the login', 'check the user and the password in its URL'],
  'queue.unavailable': ['the queue cannot be reached', 'run the same command again; finished images stay in the place'],
  'worker.died': ['three workers died while working on the same image', 'look at their logs, then run queue retry'],
  'wait.timeout': [
    'the image was not ready in the time that --wait-timeout allows',
    'run the same command again, or allow more time',
  ],
  'contents.unreadable': [
    'the contents of the disk cannot be read',
    'see what inspect says about it; open it with other tools',
  ],
  'contents.not_found': ['the disk has no such file', 'look for it with files IMAGE'],
  'contents.limit': [
    'reading it takes more than --contents-limit allows',
    'raise --contents-limit, or read a local copy',
  ],
  'unsafe.image': [
    'the image is hazardous, or not what its metadata says',
    'see what inspect says about it; quarantine it',
  ],
  'place.missing': [
    'the bucket does not exist, or has no mirror in it',
    'check its name and the endpoint of the store; glance-cli never creates buckets',
  ],
  'place.denied': [
    'the store, or a service that provides its keys, denies access',
    'check the keys, what they allow in that bucket, and the region',
  ],
  'place.unavailable': ['the store has a temporary problem', 'run the same command again: it resumes'],
  'place.unsupported': [
    'the store lacks a feature that is needed, or is not an S3 store at all',
    'check the endpoint of the store; tell its administrator',
  ],
  partial: ['some of several images failed', 'see which they are, then run the same command again'],
  interrupted: ['a signal ended the command', 'run the same command again: it resumes'],
  'pipe.closed': ['the reader of the pipe closed it', 'check the command after the pipe'],
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;

/** What each code means, and what to do about it; both without a capital and a full stop. */
export const errorGuide: Readonly<Record<ErrorCode, ErrorText>> = { ...localErrors, ...networkErrors };
