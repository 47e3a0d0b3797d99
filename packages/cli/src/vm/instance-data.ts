// What `vm add` is given for the instance to be told of itself: public keys and user data, read and looked at before
// anything is made.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { InstanceRecord, PublicKey } from '../metadata/instance-record.ts';

export type InstanceData = Pick<InstanceRecord, 'keys' | 'user_data'>;

/** Bytes; Nova's limit on user_data before it is made base64 (MAX_USERDATA_SIZE). */
const mostUserData = 65_535;

/** Reads the files. Throws when one is not what it should be. */
export async function readInstanceData(
  keyFiles: readonly string[],
  userDataFile: string | undefined,
): Promise<InstanceData> {
  const keys = await Promise.all(
    keyFiles.map(async (file) => parsePublicKey(basename(file, '.pub'), await readFile(file, 'utf8'))),
  );
  const userData = userDataFile === undefined ? null : await readFile(userDataFile);
  if (userData !== null && userData.length > mostUserData) {
    throw new Error(`${userDataFile} has ${userData.length} bytes; user data may have ${mostUserData}`);
  }
  return { keys, user_data: userData === null ? null : userData.toString('base64') };
}

/** The key in the text of a file such as ssh-keygen(1) writes. */
export function parsePublicKey(name: string, text: string): PublicKey {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [key = ''] = lines;
  // Type, then base64 (sshd(8), AUTHORIZED_KEYS FILE FORMAT); what follows is a comment.
  if (lines.length !== 1 || !/^[a-z0-9@.-]+ AAAA[A-Za-z0-9+/]+=*( |$)/.test(key.trim())) {
    throw new Error(
      `${name} is not the public half of an SSH key, one line such as ssh-keygen writes to id_ed25519.pub`,
    );
  }
  return { name, key: key.trim() };
}
