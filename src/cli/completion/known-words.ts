// Words that Glance and Keystone use, for completion. A Glance may have others, so nothing is refused because it is not among
// these.
import { filterWords } from '../../client/filter-words.ts';

/** Values by option, as it is named in code. */
export const knownWords: Readonly<Record<string, readonly string[]>> = {
  ...filterWords,
  sort: ['name', 'created_at:desc', 'updated_at:desc', 'size:desc', 'status', 'disk_format', 'id'],
  osInterface: ['public', 'internal', 'admin'],
  osAuthType: [
    'password',
    'token',
    'v3applicationcredential',
    'v3totp',
    'v3multifactor',
    'v3websso',
    'v3oidcpassword',
    'v3oidcclientcredentials',
    'v3oidcdeviceauthz',
    'v3oidcaccesstoken',
    'v3oauth2clientcredential',
    'v3oauth2mtlsclientcredential',
    'none',
    'http_basic',
    'admin_token',
  ],
  digest: ['sha256', 'sha512', 'sha1', 'md5'],
};
