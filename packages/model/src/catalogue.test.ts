import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import { catalogue } from './catalogue.ts';
import { childTablesOf, columnsOf } from './columns.ts';
import { broughtBy, extensions, namedExtensions } from './extensions.ts';
import type { FixedIp } from './host-view.ts';
import { attributesOf } from './resource.ts';
import type { PortCreate, PortRecord, PortUpdate } from './resources/port.ts';
import type { Subnet, SubnetCreate, SubnetRecord } from './resources/subnet.ts';
import type { NetworkRecord } from './resources/network.ts';

describe('every declared resource', () => {
  it('has a name and a path of its own', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    expect(new Set(catalogue.map(({ plural }) => plural)).size).toBe(catalogue.length);
  });

  it('names only extensions that are offered', () => {
    for (const alias of namedExtensions(catalogue)) expect(extensions.has(alias), alias).toBe(true);
  });

  it('says in a sentence what each attribute is', () => {
    for (const resource of catalogue) {
      for (const [name, { doc }] of attributesOf(resource)) expect(doc, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('refers only to tables that there are', () => {
    const tables = new Set(catalogue.map(({ plural }) => plural));
    for (const column of catalogue.flatMap(columnsOf)) {
      if (column.references !== undefined) expect(tables).toContain(column.references);
    }
  });

  it('filters by what can be searched: a column, a table, a field of a stored list, or the parent', () => {
    for (const resource of catalogue.filter((each) => 'project_id' in each.attributes && columnsOf(each).length > 0)) {
      for (const [name, { filter, foundIn }] of attributesOf(resource)) {
        if (!filter) continue;
        const place = foundIn === undefined ? name : 'list' in foundIn ? foundIn.list : foundIn.parent;
        expect(resource.attributes[place]?.traits.stored, name).toBe(true);
      }
    }
  });

  it('keeps its columns and lists', async () => {
    const text = catalogue
      .map((resource) => {
        const columns = columnsOf(resource).map(
          ({ name, type, nullable, indexed }) =>
            `  ${name} ${type}${nullable ? ' null' : ''}${indexed ? ' indexed' : ''}`,
        );
        const children = childTablesOf(resource).map(({ attribute, table }) => `  ${attribute} in ${table}`);
        return [resource.plural, ...columns, ...children].join('\n');
      })
      .join('\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot('golden/columns.txt');
  });
});

describe('the types of a declaration', () => {
  it('tell what a request gives from what is kept', () => {
    expectTypeOf<PortCreate['mac_address']>().toEqualTypeOf<Mac | null | undefined>();
    expectTypeOf<PortRecord['mac_address']>().toEqualTypeOf<Mac>();
    expectTypeOf<PortRecord['fixed_ips']>().toEqualTypeOf<readonly FixedIp[]>();
    expectTypeOf<SubnetCreate['cidr']>().toEqualTypeOf<Cidr | undefined>();
    expectTypeOf<SubnetRecord['gateway_ip']>().toEqualTypeOf<IpAddress | null>();
  });

  it('leave out what a request must not say and what is not kept', () => {
    expectTypeOf<'id' extends keyof PortCreate ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<'network_id' extends keyof PortUpdate ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<'prefixlen' extends keyof SubnetRecord ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<'prefixlen' extends keyof Subnet ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<'subnets' extends keyof NetworkRecord ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<SubnetCreate['prefixlen']>().toEqualTypeOf<number | undefined>();
  });
});

describe('extensions', () => {
  it('say what they bring', () => {
    expect(broughtBy('provider', catalogue)).toEqual([
      'networks.provider:network_type',
      'networks.provider:physical_network',
      'networks.provider:segmentation_id',
    ]);
    expect(broughtBy('agent', catalogue)).toEqual(['agents']);
    expect(broughtBy('subnet_onboard', catalogue)).toEqual(['subnetpools.onboard_network_subnets']);
  });
});
