// The one-time passcode that a login may need, requested from a person if none is configured.
import type { Cloud } from './config/cloud.ts';
import { plainMethod } from './credentials.ts';
import type { TokenDesk } from './desk.ts';

/**
 * Returns the cloud with a passcode, if one of these methods needs it, none is configured and somebody enters one;
 * otherwise the cloud as it is. The passcode is for this login alone: the next one needs another.
 * @throws the signal's reason
 */
export async function withPasscode(
  { client, cloud, person, signal }: TokenDesk,
  methods: readonly string[],
): Promise<Cloud> {
  const isMissing = methods.map(plainMethod).includes('totp') && !cloud.auth.has('passcode');
  if (!isMissing || person.askSecret === undefined) return cloud;
  const who = cloud.auth.get('username') ?? cloud.auth.get('user_id') ?? 'the user';
  const passcode = await person.askSecret(`Passcode (TOTP) of ${who} for cloud ${cloud.name}: `, signal);
  if (passcode === null) return cloud;
  client.secrets.add(passcode);
  return { ...cloud, auth: new Map([...cloud.auth, ['passcode', passcode]]) };
}
