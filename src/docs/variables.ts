// The environment variables that do not replace an option.
import type { Definition } from './man-section.ts';

/** The login, as an openrc file sets it for use without clouds.yaml. */
export const loginVariables: readonly Definition[] = [
  { term: '`OS_AUTH_URL`', text: "Keystone's URL. It and the variables below describe a cloud without a file." },
  {
    term: '`OS_AUTH_TYPE`',
    text:
      '`password` unless set; `token`, `v3applicationcredential`, `v3totp`, `v3multifactor`, `v3websso`, `v3oidcpassword`, ' +
      '`v3oidcclientcredentials`, `v3oidcdeviceauthz`, `v3oidcaccesstoken`, `v3oauth2clientcredential`, ' +
      '`v3oauth2mtlsclientcredential`; without Keystone `none`, `http_basic`, `admin_token`.',
  },
  { term: '`OS_USERNAME`, `OS_USER_ID`, `OS_USER_DOMAIN_NAME`, `OS_USER_DOMAIN_ID`', text: 'The user.' },
  {
    term: '`OS_PASSWORD`, `OS_PASSCODE`',
    text:
      "The user's password, and the current one-time code (TOTP) if one is required. At a terminal you are asked for a code that is not set, " +
      'unless `CI` is set or `--no-input` is given.',
  },
  {
    term: '`OS_PROJECT_NAME`, `OS_PROJECT_ID`, `OS_PROJECT_DOMAIN_NAME`, `OS_PROJECT_DOMAIN_ID`',
    text: 'The project. `OS_TENANT_NAME` and `OS_TENANT_ID` are read too.',
  },
  {
    term: '`OS_APPLICATION_CREDENTIAL_ID`, `OS_APPLICATION_CREDENTIAL_NAME`, `OS_APPLICATION_CREDENTIAL_SECRET`',
    text: 'An application credential.',
  },
  {
    term: '`OS_IDENTITY_PROVIDER`, `OS_PROTOCOL`',
    text: "Keystone's name for the identity provider, and its protocol, for `v3websso` and the `v3oidc…` types.",
  },
  {
    term: '`OS_REDIRECT_PORT`, `OS_REDIRECT_PATH`',
    text:
      'Where, on this machine, the browser delivers the answer to a `v3websso` login: `9990` and `/auth/websso/` unless set. Keystone has to ' +
      'list exactly that address among its trusted dashboards: `http://localhost:9990/auth/websso/`. Over ssh, forward the ' +
      'port: `ssh -L 9990:localhost:9990 HOST`. Without a terminal, or with `CI` set, there is no such login unless ' +
      '`--os-auth-type v3websso` is given; the token of an earlier login is used for as long as it is valid.',
  },
  {
    term: '`OS_OAUTH2_ENDPOINT`, `OS_OAUTH2_CLIENT_ID`, `OS_OAUTH2_CLIENT_SECRET`',
    text:
      'OAuth 2.0 client credentials, for the types `v3oauth2clientcredential` and, with `OS_CERT` and ' +
      '`OS_KEY` in place of a secret, `v3oauth2mtlsclientcredential`. Glance gets the access token as `Authorization: Bearer`, next to the token.',
  },
  {
    term: '`OS_FORCE_IPV4`',
    text: '`true`: connect by IPv4 only. `force_ipv4` in clouds.yaml, for one cloud or under `client` for all, does the same.',
  },
  {
    term: '`OS_CLIENT_CONFIG_FILE`, `OS_CLIENT_SECURE_FILE`',
    text: 'Files to read instead of clouds.yaml and secure.yaml.',
  },
];

/** Access to a mirror in a bucket, as AWS's own tools read it. */
export const bucketVariables: readonly Definition[] = [
  {
    term: '`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`',
    text: 'The key and its secret, and the session token if the key is temporary. They win over a profile.',
  },
  {
    term: '`AWS_PROFILE`',
    text: 'The profile to use from `~/.aws/credentials` and `~/.aws/config`; `default` without it. `AWS_DEFAULT_PROFILE` is read too.',
  },
  {
    term: '`AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`',
    text: 'Files to read instead of those two.',
  },
  {
    term: '`AWS_REGION`, `AWS_DEFAULT_REGION`',
    text: "The region to sign for; then the profile's `region`, then `us-east-1`.",
  },
  {
    term: '`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`',
    text:
      "The URL of the store; then `endpoint_url` of the profile's services section and of the profile, then Amazon's own. " +
      '`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` ignores all of these.',
  },
  {
    term: '`AWS_CA_BUNDLE`',
    text: "PEM file of the authorities to trust for the store; then the profile's `ca_bundle`. `NODE_EXTRA_CA_CERTS` adds authorities to the usual ones.",
  },
  {
    term: '`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`',
    text:
      "A token and the role it is for: STS of the region, or of `AWS_ENDPOINT_URL_STS`, hands out keys for it. The profile's " +
      '`web_identity_token_file`, `role_arn` and `role_session_name` do the same.',
  },
  {
    term: '`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`',
    text:
      'Where a container gets its keys, set by ECS and EKS. `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` and ' +
      '`AWS_CONTAINER_AUTHORIZATION_TOKEN` provide the token that is sent with the request.',
  },
  {
    term: '`AWS_EC2_METADATA_DISABLED`',
    text: '`true`: do not ask the metadata service of the instance for keys, which is the last resort otherwise.',
  },
  {
    term: '`AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`',
    text: 'Where that service is: a URL, or `IPv4` or `IPv6` for the usual address.',
  },
  {
    term: '`AWS_METADATA_SERVICE_TIMEOUT`, `AWS_METADATA_SERVICE_NUM_ATTEMPTS`',
    text: 'How many seconds to wait for that service, and how often to try it; 1 for each.',
  },
];

/** The machine: queue, stores, proxies, directories, terminal. */
export const machineVariables: readonly Definition[] = [
  {
    term: '`GLANCE_CLI_QUEUE`',
    text: 'URL of the queue for `mirror`, `inspect --all`, `verify` of a mirror, `worker` and `queue`: `redis://[USER:PASSWORD@]HOST[:PORT][/DB][#NAME]`.',
  },
  {
    term: '`GLANCE_CLI_PREFER_STORE`',
    text: 'Stores that `download` and `mirror` prefer, in the form of `--prefer-store`.',
  },
  {
    term: '`http_proxy`, `https_proxy`, `all_proxy`',
    text: 'URL of the proxy to use, http or https, by the scheme of the request: `http://USER:PASSWORD@HOST:PORT`. Upper-case names are read too, after the lower-case ones.',
  },
  {
    term: '`no_proxy`',
    text: 'Hosts to reach without a proxy: names, suffixes, addresses, networks such as `10.0.0.0/8`, each with or without a port, or `*`. Whatever curl or Python would reach directly is reached directly.',
  },
  {
    term: '`NODE_EXTRA_CA_CERTS`',
    text: 'PEM file of authorities to trust in addition to the usual ones, as Node.js reads it.',
  },
  {
    term: '`XDG_CACHE_HOME`',
    text: 'Where the directory `glance-cli` with tokens, names and compiled code is kept; `~/.cache` without it.',
  },
  { term: '`XDG_CONFIG_HOME`', text: 'Where to look for `openstack/clouds.yaml`; `~/.config` without it.' },
  {
    term: '`TERM`, `COLORTERM`',
    text: 'What the terminal can show; `TERM=dumb` means no colours and no progress bar.',
  },
];
