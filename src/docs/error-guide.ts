// What each error code means and what to do about it. A code without text does not compile.
import type { ErrorCode } from '../errors.ts';
import { type ErrorText, networkErrors } from './error-guide-network.ts';

const localErrors = {
  'usage.option': [
    'an option or a command is unknown, or an option does not go with another',
    'see --help of the command',
  ],
  'usage.argument': [
    'an argument, or the value of an option, is missing, not valid, or one too many',
    'see --help of the command',
  ],
  'usage.terminal': ['image data would go to a terminal', 'give -o FILE or -O, or use a pipe'],
  'usage.unsupported': [
    "the API in use cannot answer this, or a profile needs AWS's own tools",
    'leave the option out, or use the other API version; for a profile do as the message says',
  ],
  'config.missing': [
    'no cloud and no endpoint is configured, or no keys for a bucket',
    'set OS_CLOUD, source an openrc file, or give --endpoint; for a bucket see glance-cli-environment(7)',
  ],
  'config.invalid': ['a setting, or a file that one names, cannot be used', 'correct what the message names'],
  'image.not_found': [
    'no image has that id or name, and none matches the pattern or the filters',
    'look with list; case counts',
  ],
  'image.ambiguous': ['several images have that name, or match where one is needed', 'give the id, or --latest'],
  'image.no_data': ['the image has no data yet, or no longer has any', 'look at its status with show'],
  'image.deactivated': ['the image is deactivated', 'ask its owner or an administrator'],
  'cloud.not_found': ['clouds.yaml has no cloud of that name', 'look at the names it has'],
  'cloud.region': ['the cloud has no such region, or several to choose from', 'give --os-region-name'],
  'cloud.no_service': ['the catalog has no image service', 'check interface and region, or give --endpoint'],
  'auth.missing': ['something that the login needs is not configured', 'set what the message names'],
  'auth.failed': [
    'Keystone refused the login, or nobody logged in by browser',
    'check user, password, project and domains; see doctor',
  ],
  'auth.required': ['the server wants a token, or does not take this one', 'configure a login, or give --token-file'],
  'auth.forbidden': ['this login may not do that', 'ask for the role, or use another project'],
  'auth.expired': ['the login expired in the middle of the command', 'log in again and run the same command again'],
  'data.empty': ['there is nothing where image data should be', 'look at the command before the pipe, or at the file'],
  'integrity.digest': ['the data is not what its digest says', 'do not use it; try again, then tell the administrator'],
  'integrity.size': ['another number of bytes than the image has', 'try again, then tell the administrator'],
  'integrity.excess': ['more bytes than the image has', 'look for a proxy that changes data'],
  'integrity.contradiction': [
    'the server, or a list of checksums, contradicts itself about one image',
    'tell whoever runs it',
  ],
  'integrity.changed': ['the image was replaced while it was fetched', 'run the command again'],
  'integrity.pin': ['the image is not the one that was pinned', 'find out why it was replaced'],
  'integrity.unprovable': [
    "there is no digest to compare with, in the record or in a vendor's list",
    'give --expect ALG:HEX, or --against-name with the name of an entry',
  ],
  'signature.invalid': ["the image's signature does not match its data", 'do not use it'],
  'signature.missing': ['the image is not signed', 'ask its owner, or leave --verify-signature out'],
  'signature.untrusted': ['signed with a certificate that is not trusted', 'give its certificate with --trusted-cert'],
  'signature.unsupported': ['the signature is of a kind that cannot be checked', 'ask its owner for another'],
  'io.exists': ['the target is there and differs', 'give --force to replace it, or another name'],
  'io.missing': ['a file or directory is not there', 'check the path'],
  'io.permission': ['the file system refuses access', 'check owner and permissions'],
  'io.readonly': ['the file system is mounted read-only', 'choose another place'],
  'io.nospace': ['the disk or the quota is full', 'make room and run the same command again'],
  'io.limit': [
    'the file is larger, or more files are open, than is allowed',
    'see ulimit -f and -n, and the limits of the file system',
  ],
  'io.busy': ['another process works on that file or directory', 'wait for it, or end it'],
  'io.closed': ['standard output is closed', 'give -o /dev/null to check without keeping'],
  'io.not_regular': ['what is there is no regular file', 'give the path of a file'],
  'io.name': ['a file cannot have that name', 'give -o FILE'],
  'io.port': ['the port cannot be opened', 'choose another with --port; for a login by browser, OS_REDIRECT_PORT'],
  'io.error': ['the disk reported an error', 'check the disk'],
  'queue.missing': ['there is no such queue', 'check its address'],
  'queue.denied': ['the queue refuses the login', 'check user and password of the queue'],
  'queue.unavailable': ['the queue cannot be reached', 'run the same command again; what is in the place stays'],
  'worker.died': ['three workers ended while they were at one image', 'look at their logs; then queue retry'],
  'wait.timeout': [
    'the image was not there when the time to wait was over',
    'run the same command again, or wait longer',
  ],
  'contents.unreadable': [
    'what is inside the disk cannot be read',
    'see what inspect says of it; take it apart elsewhere',
  ],
  'contents.not_found': ['the disk has no such file', 'look with files IMAGE'],
  'contents.limit': ['more would have to be read than is allowed', 'raise --contents-limit, or use a local copy'],
  'unsafe.image': ['the image is hazardous, or not what it is declared as', 'see what inspect says; quarantine it'],
  'place.missing': [
    'there is no such bucket, or no mirror in it',
    'check its name and the endpoint of the store; buckets are never created',
  ],
  'place.denied': [
    'the store, or a service that hands out keys for it, refuses access',
    'check keys, region and what they may do in that bucket',
  ],
  'place.unavailable': ['the store has trouble that may pass', 'run the same command again: it resumes'],
  'place.unsupported': [
    'the store lacks what is needed, or what answers does not speak S3',
    'check the endpoint of the store; tell its administrator',
  ],
  partial: ['some of several images failed', 'see which, and run the same command again'],
  interrupted: ['a signal ended the command', 'run the same command again: it resumes'],
  'pipe.closed': ['the reader of the pipe hung up', 'look at the reader'],
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;

/** Every code: what it means, and what to do; each without a capital and a full stop. */
export const errorGuide: Readonly<Record<ErrorCode, ErrorText>> = { ...localErrors, ...networkErrors };
