// The register of a run's secrets, for callers that create it before there is a connection.
export { Secrets } from '../http/secrets/secrets.ts';
