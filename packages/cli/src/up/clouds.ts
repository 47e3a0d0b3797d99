// The clouds.yaml that `up` writes for the openstack client (openstacksdk: configuration files).

import { stringify } from 'yaml';

export interface Cloud {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
}

/** Text of a clouds.yaml with one entry per cloud, all at the Keystone endpoint `authUrl`. */
export function renderClouds(authUrl: string, clouds: readonly Cloud[]): string {
  const entry = ({ username, password, project }: Cloud) => ({
    auth: {
      auth_url: authUrl,
      username,
      password,
      project_name: project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: 'RegionOne',
    identity_api_version: 3,
  });
  return stringify({ clouds: Object.fromEntries(clouds.map((cloud) => [cloud.name, entry(cloud)])) });
}
