// The register of a run's secrets, for whoever makes it before there is a connection.
export { Secrets } from '../http/secrets/secrets.ts';
