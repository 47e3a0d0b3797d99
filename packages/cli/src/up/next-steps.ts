// What `up` says once everything runs: the commands that a newcomer types next.

export interface Running {
  readonly endpoint: string;
  readonly cloudsFile: string;
  /** The shortest word that runs the `neutronium` command. */
  readonly command: string;
}

export function renderNextSteps({ endpoint, cloudsFile, command }: Running): string {
  return `
Neutronium answers at ${endpoint}. In another terminal:

  export OS_CLIENT_CONFIG_FILE=${cloudsFile} OS_CLOUD=neutronium
  openstack network create net1
  openstack subnet create subnet1 --network net1 --subnet-range 10.0.0.0/24
  openstack network agent list

Two instances on it, and a ping between them:

  sudo ${command} vm add a --network net1
  sudo ${command} vm add b --network net1
  sudo ${command} vm list
  sudo ${command} vm exec a -- ping -c3 <address of b>

Ctrl-C stops the programs and leaves the networks working; \`up\` takes them over again.
\`sudo ${command} down --purge\` removes everything.
`;
}
