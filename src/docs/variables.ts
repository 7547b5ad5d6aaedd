// The environment variables that no option stands for.
import type { Definition } from './man-section.ts';

/** Who one is, beside a cloud that is named in a file: as an openrc file sets them. */
export const loginVariables: readonly Definition[] = [
  { term: '`OS_AUTH_URL`', text: "Keystone's URL. With it the variables below describe a cloud without a file." },
  { term: '`OS_AUTH_TYPE`', text: '`password` unless set; `token`, `v3applicationcredential`, `none` and others.' },
  { term: '`OS_USERNAME`, `OS_USER_ID`, `OS_USER_DOMAIN_NAME`, `OS_USER_DOMAIN_ID`', text: 'The user.' },
  {
    term: '`OS_PASSWORD`, `OS_PASSCODE`',
    text: 'Their password, and the current one-time code where one is required.',
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
    term: '`OS_CLIENT_CONFIG_FILE`, `OS_CLIENT_SECURE_FILE`',
    text: 'Files to read in place of clouds.yaml and secure.yaml.',
  },
];

/** How to get out, and how it looks. */
export const machineVariables: readonly Definition[] = [
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
