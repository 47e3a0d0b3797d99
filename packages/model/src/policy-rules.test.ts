import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { policyDefaults } from './policy-defaults.ts';
import { createRules, showAttributeRule, updateRules } from './policy-rules.ts';
import { readCreateBody, readUpdateBody } from './read-body.ts';
import { attributesOf } from './resource.ts';
import { network } from './resources/network.ts';
import { port } from './resources/port.ts';

const sender = { projectId: 'p1', mayNameOwner: false };
const network_id = '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11';

describe('the rules of a create request', () => {
  const rulesOf = (fields: object): readonly string[] => {
    const [item] = readCreateBody(port, { port: { network_id, ...fields } }, sender).items;
    return createRules(port, item ?? {});
  };

  it('are the rule of the operation alone when nothing special is asked for', () => {
    expect(rulesOf({ name: 'n', admin_state_up: false })).toEqual(['create_port']);
  });

  it('do not count a value that is the default', () => {
    expect(rulesOf({ device_owner: '', 'binding:vnic_type': 'normal' })).toEqual(['create_port']);
  });

  it('count attributes with rules of their own, and the keys of objects in them', () => {
    const fields = {
      mac_address: 'fa:16:3e:00:00:01',
      fixed_ips: [{ ip_address: '10.0.0.9' }, { subnet_id: network_id, ip_address: '10.0.0.10' }],
    };
    expect(rulesOf(fields)).toEqual([
      'create_port',
      'create_port:mac_address',
      'create_port:fixed_ips',
      'create_port:fixed_ips:ip_address',
      'create_port:fixed_ips:subnet_id',
    ]);
  });
});

describe('the rules of an update request', () => {
  it('count every attribute that it names, changed or not', () => {
    const update = readUpdateBody(network, { network: { shared: false, name: 'n' } }, sender);
    expect(updateRules(network, update)).toEqual(['update_network', 'update_network:shared']);
  });
});

describe('the built-in rules', () => {
  const names = new Set(policyDefaults.map(({ name }) => name));

  it('speak of every operation of a project resource', () => {
    const changes = ['create', 'update', 'delete'] as const;
    for (const resource of catalogue.filter(({ attributes }) => 'project_id' in attributes)) {
      for (const verb of ['get', ...changes.filter((operation) => resource.operations.includes(operation))])
        expect(names).toContain(`${verb}_${resource.name}`);
    }
  });

  it('speak of no attribute that its declaration has no rules for', () => {
    for (const resource of catalogue) {
      for (const [name, { policy }] of attributesOf(resource)) {
        const rules = ['create', 'update', 'get'].map((verb) => `${verb}_${resource.name}:${name}`);
        // Tags have requests of their own, and with them rules. Nothing asks the rule for service types, in Neutron either.
        if (name !== 'tags' && name !== 'service_types' && rules.some((rule) => names.has(rule)))
          expect([name, policy]).toEqual([name, true]);
      }
    }
  });

  it('name the attribute in the rule for seeing it', () => {
    expect(showAttributeRule(network, 'provider:network_type')).toBe('get_network:provider:network_type');
    expect(showAttributeRule(network, 'name')).toBeUndefined();
  });
});
