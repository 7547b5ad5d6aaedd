// A cloud as configured: who logs in where, and how to find the image service. load-cloud.ts makes it from flags,
// environment and files; keystone.ts and catalog.ts use it.

/**
 * Where a setting comes from, for messages and `doctor`: `--os-username`, `OS_USERNAME`, `/etc/openstack/clouds.yaml`.
 */
export type Source = string;

/** The merged settings of one cloud. Names are those of clouds.yaml. Null means unset. */
export interface Cloud {
  /** Its name in clouds.yaml; `envvars` if only variables or flags describe it. */
  readonly name: string;
  /** Lower case, as keystoneauth names it: `password v3password token v3token v3applicationcredential none http_basic admin_token …`. */
  readonly authType: string;
  /** Methods of `v3multifactor`, in order. Empty for other types. */
  readonly authMethods: readonly string[];
  /**
   * What `auth` holds: `auth_url username user_id user_domain_name user_domain_id password passcode token project_id
   * project_name project_domain_id project_domain_name domain_id domain_name system_scope trust_id
   * application_credential_id application_credential_name application_credential_secret endpoint identity_provider
   * protocol access_token client_id client_secret discovery_endpoint access_token_endpoint access_token_type
   * openid_scope oauth2_endpoint oauth2_client_id oauth2_client_secret redirect_port redirect_path`. Old spellings
   * (`tenant_*`, dashes) are translated. Unset ones are absent.
   */
  readonly auth: ReadonlyMap<string, string>;
  readonly regionName: string | null;
  /** Interfaces in the order in which to try them: `public internal admin`. Never empty. */
  readonly interfaces: readonly string[];
  readonly imageEndpointOverride: string | null;
  /** `1`, `2`, `2.15` … */
  readonly imageApiVersion: string | null;
  /** `image` unless configured otherwise. */
  readonly imageServiceType: string;
  readonly imageServiceName: string | null;
  /** False: accept any certificate. */
  readonly verify: boolean;
  /** What disabled the verification of certificates: `--insecure`, or `verify in` a file; null if they are verified. */
  readonly unverifiedBy: string | null;
  /** Absolute path of a PEM file. */
  readonly cacert: string | null;
  /** Absolute path of a PEM file. */
  readonly cert: string | null;
  /** Absolute path of a PEM file. */
  readonly key: string | null;
  /** Milliseconds. */
  readonly apiTimeoutMs: number | null;
  /** Whether to connect over IPv4 only. */
  readonly forceIpv4: boolean;
  /** Retries of a request that is answered with a temporary error status; null: as many as after any other failure. */
  readonly statusRetries: number | null;
  /** Whether tokens may be kept in a file: `cache.auth`, true unless configured otherwise. */
  readonly cacheAuth: boolean;
  /** The source of every setting by its name (`auth.username`, `region_name` …). */
  readonly sources: ReadonlyMap<string, Source>;
  /** Things to warn of once: unreadable files, variables that are set but ignored, file permissions. */
  readonly warnings: readonly string[];
}
