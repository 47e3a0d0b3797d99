// Who we are to the cloud: from OS_* variables, as the openstack client takes them, or from a clouds.yaml
// (openstacksdk: configuration files). Pure; the caller reads the file and the environment.

import { parse } from 'yaml';

export interface Credentials {
  /** Of the cloud in clouds.yaml; null when variables alone said who we are. */
  readonly cloud: string | null;
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly userDomain: string;
  readonly project: string;
  readonly projectDomain: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials from OS_AUTH_URL and its kin; null when there is no OS_AUTH_URL. Throws when others are missing. */
export function credentialsFromVariables(environment: Environment): Credentials | null {
  const authUrl = environment['OS_AUTH_URL'];
  if (authUrl === undefined || authUrl === '') return null;
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`OS_AUTH_URL is set but ${name} is not`);
    return value;
  };
  return {
    cloud: null,
    authUrl,
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    userDomain: environment['OS_USER_DOMAIN_NAME'] ?? 'Default',
    project: environment['OS_PROJECT_NAME'] ?? need('OS_TENANT_NAME'),
    projectDomain: environment['OS_PROJECT_DOMAIN_NAME'] ?? 'Default',
  };
}

/** Credentials of `cloud` in the text of a clouds.yaml; `file` is for complaints. */
export function credentialsFromClouds(text: string, { cloud, file }: { cloud: string; file: string }): Credentials {
  const clouds = member(parse(text), 'clouds');
  const entry = member(clouds, cloud);
  if (entry === undefined) {
    const known = typeof clouds === 'object' && clouds !== null ? Object.keys(clouds).join(', ') : 'none';
    throw new Error(`${file} has no cloud ${cloud}; it has: ${known}`);
  }
  const auth = member(entry, 'auth');
  const read = (name: string): string | undefined => {
    const value = member(auth, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const need = (name: string): string => {
    const value = read(name);
    if (value === undefined) throw new Error(`${file}: clouds.${cloud}.auth.${name} is missing`);
    return value;
  };
  return {
    cloud,
    authUrl: need('auth_url'),
    username: need('username'),
    password: need('password'),
    userDomain: read('user_domain_name') ?? 'Default',
    project: need('project_name'),
    projectDomain: read('project_domain_name') ?? 'Default',
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
