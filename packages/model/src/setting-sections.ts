// One configuration file may serve every program: each reads its own sections, leaves those of the others alone, and
// knows a misspelt one. Tests compare the lists with the declarations.

export const serverSections: readonly string[] = [
  'api',
  'database',
  'history',
  'auth',
  'policy',
  'agents',
  'routers',
  'networks',
  'ports',
  'quotas',
  'log',
];

export const agentSections: readonly string[] = ['agent', 'ovs', 'securitygroup', 'l3', 'network_log', 'metadata'];
