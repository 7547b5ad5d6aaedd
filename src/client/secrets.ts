// The register of a run's secrets, for callers that create it before there is a connection; and what else may not be shown.
export { mayHoldLogin } from '../http/secrets/redact.ts';
export { Secrets } from '../http/secrets/secrets.ts';
export { isSecretSetting } from '../identity/config/names.ts';
