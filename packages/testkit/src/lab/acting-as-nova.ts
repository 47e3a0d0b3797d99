// Nova binds instances' ports with the role of a service (Networking API: port bindings), which administrators lack.

import type { LabApi } from '@neutronium/cli/lab/api';
import type { Lab } from '@neutronium/cli/lab/lab';

interface Named {
  readonly id: string;
}

/** The API as a user who has the rights of Nova's beside those of an administrator. */
export async function actingAsNova(lab: Lab): Promise<LabApi> {
  const admin = await lab.api();
  const find = async (collection: string, name: string): Promise<string> => {
    const { body } = await admin.identity('GET', `/${collection}?name=${name}`);
    // A list of the Identity API v3.
    const [found] = body[collection] as readonly Named[];
    if (found === undefined) throw new Error(`there is no ${name} among ${collection}`);
    return found.id;
  };
  const [user, role] = [await find('users', 'admin'), await find('roles', 'service')];
  const path = `/projects/${await admin.projectId()}/users/${user}/roles/${role}`;
  const { status, body } = await admin.identity('PUT', path);
  if (status !== 204) throw new Error(`PUT ${path}: ${status} ${JSON.stringify(body)}`);
  // The token of whoever was logged in before does not say so.
  return await lab.api();
}
