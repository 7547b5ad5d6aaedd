// The environment variables that no option stands for.
import type { Definition } from './man-section.ts';

/** Who one is, beside a cloud that is named in a file: as an openrc file sets them. */
export const loginVariables: readonly Definition[] = [
  { term: '`OS_AUTH_URL`', text: "Keystone's URL. With it the variables below describe a cloud without a file." },
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
      'Their password, and the current one-time code (TOTP) where one is required: at a terminal it is asked for if it is not set, ' +
      'unless `CI` is set or `--no-input` given.',
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
    text: 'The identity provider, as Keystone calls it, and its protocol, for `v3websso` and the types `v3oidc…`.',
  },
  {
    term: '`OS_REDIRECT_PORT`, `OS_REDIRECT_PATH`',
    text:
      'Where the browser answers to a login by `v3websso`, on this machine: `9990` and `/auth/websso/` unless set. Keystone has to ' +
      'have that address among its trusted dashboards, to the letter: `http://localhost:9990/auth/websso/`. Over ssh, forward the ' +
      'port: `ssh -L 9990:localhost:9990 HOST`. Without a terminal or with `CI` set there is no such login, unless ' +
      '`--os-auth-type v3websso` is given; the token of an earlier one is used as long as it is good.',
  },
  {
    term: '`OS_OAUTH2_ENDPOINT`, `OS_OAUTH2_CLIENT_ID`, `OS_OAUTH2_CLIENT_SECRET`',
    text:
      'OAuth 2.0 client credentials, for the types `v3oauth2clientcredential` and, without a secret and with `OS_CERT` and ' +
      '`OS_KEY`, `v3oauth2mtlsclientcredential`. Glance gets the access token as `Authorization: Bearer` beside the token.',
  },
  {
    term: '`OS_FORCE_IPV4`',
    text: '`true`: connect by IPv4 alone. `force_ipv4` in clouds.yaml, of one cloud or under `client` for all, does the same.',
  },
  {
    term: '`OS_CLIENT_CONFIG_FILE`, `OS_CLIENT_SECURE_FILE`',
    text: 'Files to read in place of clouds.yaml and secure.yaml.',
  },
];

/** Access to a mirror in a bucket, as AWS's own tools read it. */
export const bucketVariables: readonly Definition[] = [
  {
    term: '`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`',
    text: 'The key, and the token of one that expires. They win over a profile.',
  },
  {
    term: '`AWS_PROFILE`',
    text: 'The profile of `~/.aws/credentials` and `~/.aws/config` that counts; `default` without it. `AWS_DEFAULT_PROFILE` is read too.',
  },
  {
    term: '`AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`',
    text: 'Files to read in place of those two.',
  },
  {
    term: '`AWS_REGION`, `AWS_DEFAULT_REGION`',
    text: "The region to sign for; then the profile's `region`, then `us-east-1`.",
  },
  {
    term: '`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`',
    text:
      "The URL of the store; then `endpoint_url` of the profile's services section and of the profile, then Amazon's own. " +
      '`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` leaves all of these out.',
  },
  {
    term: '`AWS_CA_BUNDLE`',
    text: "PEM file of the authorities to trust for the store; then the profile's `ca_bundle`. `NODE_EXTRA_CA_CERTS` adds some to the usual ones.",
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
      'Where a container gets keys: set by ECS and EKS. `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` and ' +
      '`AWS_CONTAINER_AUTHORIZATION_TOKEN` name the token that is sent along.',
  },
  {
    term: '`AWS_EC2_METADATA_DISABLED`',
    text: '`true`: the metadata service of the instance is not asked for keys, as it is last of all.',
  },
  {
    term: '`AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`',
    text: 'Where that service is: a URL, or `IPv4` or `IPv6` for the usual address.',
  },
  {
    term: '`AWS_METADATA_SERVICE_TIMEOUT`, `AWS_METADATA_SERVICE_NUM_ATTEMPTS`',
    text: 'How many seconds it is waited for, and how often it is tried; 1 each.',
  },
];

/** How to get out, and how it looks. */
export const machineVariables: readonly Definition[] = [
  {
    term: '`GLANCE_CLI_QUEUE`',
    text: 'Address of the queue for `mirror`, `inspect --all`, `verify` of a mirror, `worker` and `queue`: `redis://[USER:PASSWORD@]HOST[:PORT][/DB][#NAME]`.',
  },
  {
    term: '`GLANCE_CLI_PREFER_STORE`',
    text: 'Stores that `download` and `mirror` take data from where they have it, as `--prefer-store` names them.',
  },
  {
    term: '`http_proxy`, `https_proxy`, `all_proxy`',
    text: 'URL of the proxy to go through, http or https, by the scheme of the request: `http://USER:PASSWORD@HOST:PORT`. Upper case is read too, after lower case.',
  },
  {
    term: '`no_proxy`',
    text: 'Hosts to reach without a proxy: names, suffixes, addresses, networks such as `10.0.0.0/8`, each with or without a port, or `*`. What curl or Python would reach directly is reached directly.',
  },
  {
    term: '`NODE_EXTRA_CA_CERTS`',
    text: 'PEM file of authorities to trust besides the usual ones, as Node.js reads it.',
  },
  {
    term: '`XDG_CACHE_HOME`',
    text: 'Where tokens, names and compiled code are kept, in `glance-cli`; `~/.cache` without it.',
  },
  { term: '`XDG_CONFIG_HOME`', text: 'Where `openstack/clouds.yaml` is looked for; `~/.config` without it.' },
  {
    term: '`TERM`, `COLORTERM`',
    text: 'What the terminal can show; `TERM=dumb` means no colours and no progress bar.',
  },
];
