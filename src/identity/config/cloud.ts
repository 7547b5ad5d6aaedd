// A cloud as configuration describes it: who logs in where, and how the image service is found. Made from flags,
// environment and files by load-cloud.ts; used by keystone.ts and catalog.ts.

/** Where a setting came from, for messages and `doctor`: `--os-username`, `OS_USERNAME`, `/etc/openstack/clouds.yaml`. */
export type Source = string;

/** Settings of one cloud, merged. Names are those of clouds.yaml. Null is unset. */
export interface Cloud {
  /** Name in clouds.yaml; `envvars` for one made of variables or flags alone. */
  readonly name: string;
  /** Lower case, as keystoneauth names it: `password v3password token v3token v3applicationcredential none http_basic admin_token …`. */
  readonly authType: string;
  /** Methods of `v3multifactor`, in order. Empty for others. */
  readonly authMethods: readonly string[];
  /**
   * What `auth` holds: `auth_url username user_id user_domain_name user_domain_id password passcode token project_id
   * project_name project_domain_id project_domain_name domain_id domain_name system_scope trust_id
   * application_credential_id application_credential_name application_credential_secret endpoint identity_provider
   * protocol access_token client_id client_secret discovery_endpoint access_token_endpoint access_token_type
   * openid_scope oauth2_endpoint oauth2_client_id oauth2_client_secret redirect_port redirect_path`. Old spellings (`tenant_*`, dashes) are translated. Unset ones are absent.
   */
  readonly auth: ReadonlyMap<string, string>;
  readonly regionName: string | null;
  /** Interfaces to try in this order: `public internal admin`. Never empty. */
  readonly interfaces: readonly string[];
  readonly imageEndpointOverride: string | null;
  /** `1`, `2`, `2.15` … */
  readonly imageApiVersion: string | null;
  /** `image` unless configured otherwise. */
  readonly imageServiceType: string;
  readonly imageServiceName: string | null;
  /** False: any certificate will do. */
  readonly verify: boolean;
  /** What switched the checking of certificates off: `--insecure`, or `verify in` a file; null where it is on. */
  readonly unverifiedBy: string | null;
  /** Absolute path of a PEM file. */
  readonly cacert: string | null;
  /** Absolute path of a PEM file. */
  readonly cert: string | null;
  /** Absolute path of a PEM file. */
  readonly key: string | null;
  /** Milliseconds. */
  readonly apiTimeoutMs: number | null;
  /** Whether connections are made by IPv4 alone. */
  readonly forceIpv4: boolean;
  /** Tries after the first of a request that is answered with a status that may pass; null: as of any other failure. */
  readonly statusRetries: number | null;
  /** Whether tokens may be kept in a file: `cache.auth`, true unless configured otherwise. */
  readonly cacheAuth: boolean;
  /** Every setting by its name (`auth.username`, `region_name` …), with where it came from. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Things worth telling once: unreadable files, variables that were set and ignored, permissions of files. */
  readonly warnings: readonly string[];
}
