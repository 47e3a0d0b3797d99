import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.ts';
import { catalogue } from './catalogue.ts';
import { readQuery, type Condition } from './read-query.ts';
import { network } from './resources/network.ts';
import { port } from './resources/port.ts';
import { subnet } from './resources/subnet.ts';

const filtersOf = (query: string): readonly Condition[] => readQuery(port, new URLSearchParams(query)).filters;

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ApiError) return `${error.type}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('filters', () => {
  it('of one attribute are alternatives, of several they all hold', () => {
    expect(filtersOf('name=a&status=DOWN&name=b')).toEqual([
      { op: 'equals', attribute: 'name', values: ['a', 'b'] },
      { op: 'equals', attribute: 'status', values: ['DOWN'] },
    ]);
  });

  it('are converted as values of a body are', () => {
    expect(filtersOf('admin_state_up=True&revision_number=3&mac_address=FA-16-3E-00-00-01&tenant_id=p')).toEqual([
      { op: 'equals', attribute: 'admin_state_up', values: [true] },
      { op: 'equals', attribute: 'revision_number', values: [3] },
      { op: 'equals', attribute: 'mac_address', values: ['fa:16:3e:00:00:01'] },
      { op: 'equals', attribute: 'project_id', values: ['p'] },
    ]);
  });

  it('look for empty text', () => {
    expect(filtersOf('device_id=')).toEqual([{ op: 'equals', attribute: 'device_id', values: [''] }]);
  });

  it('look into the addresses of ports, by address, subnet and part of an address', () => {
    expect(filtersOf('fixed_ips=ip_address=FD00:0::1&fixed_ips=subnet_id=s&fixed_ips=ip_address_substr=10.0')).toEqual([
      { op: 'has-field', attribute: 'fixed_ips', field: 'ip_address', match: 'equal', values: ['fd00::1'] },
      { op: 'has-field', attribute: 'fixed_ips', field: 'subnet_id', match: 'equal', values: ['s'] },
      { op: 'has-field', attribute: 'fixed_ips', field: 'ip_address', match: 'substring', values: ['10.0'] },
    ]);
  });

  it('look into the segments of networks for provider attributes', () => {
    const query = new URLSearchParams('provider:network_type=vlan&provider:segmentation_id=7');
    expect(readQuery(network, query).filters).toEqual([
      { op: 'has-field', attribute: 'segments', field: 'network_type', match: 'equal', values: ['vlan'] },
      { op: 'has-field', attribute: 'segments', field: 'segmentation_id', match: 'equal', values: [7] },
    ]);
  });

  it('look at the network of subnets for what subnets have from it', () => {
    expect(readQuery(subnet, new URLSearchParams('shared=True')).filters).toEqual([
      { op: 'parent-equals', attribute: 'network_id', of: 'shared', values: [true] },
    ]);
  });

  it('look for tags in four ways', () => {
    expect(filtersOf('tags=a,b&tags=c&tags-any=a&not-tags=a,b&not-tags-any=d')).toEqual([
      { op: 'tags', match: 'all', tags: ['a', 'b', 'c'] },
      { op: 'tags', match: 'any', tags: ['a'] },
      { op: 'tags', match: 'not-all', tags: ['a', 'b'] },
      { op: 'tags', match: 'none', tags: ['d'] },
    ]);
  });

  // What a Neutron 21 answers.
  it.each([
    ['foo=1', "HTTPBadRequest: ['foo'] is invalid attribute for filtering"],
    ['foo=1&bar=2', "HTTPBadRequest: ['foo', 'bar'] is invalid attribute for filtering"],
    ['created_at=1', "HTTPBadRequest: ['created_at'] is invalid attribute for filtering"],
    ['constructor=1', "HTTPBadRequest: ['constructor'] is invalid attribute for filtering"],
    ['admin_state_up=bogus', "InvalidInput: Invalid input for operation: 'bogus' cannot be converted to boolean."],
    ['fixed_ips=foo', "InvalidInput: Invalid input for operation: 'foo' is not of the form <key>=[value]."],
  ])('%s is refused with %s', (query, message) => {
    expect(refusal(() => filtersOf(query))).toBe(message);
  });
});

describe('order', () => {
  const sortOf = (query: string): unknown => readQuery(port, new URLSearchParams(query)).sort;

  it('is total: the id comes last', () => {
    expect(sortOf('')).toEqual([{ attribute: 'id', direction: 'asc' }]);
    expect(sortOf('sort_key=name&sort_dir=desc')).toEqual([
      { attribute: 'name', direction: 'desc' },
      { attribute: 'id', direction: 'asc' },
    ]);
    expect(sortOf('sort_key=id&sort_dir=desc')).toEqual([{ attribute: 'id', direction: 'desc' }]);
  });

  it.each([
    ['sort_key=name', 'HTTPBadRequest: The number of sort_keys and sort_dirs must be same'],
    ['sort_key=foo&sort_dir=asc', "HTTPBadRequest: ['foo'] is invalid attribute for sort_keys"],
    [
      'sort_key=name&sort_dir=up',
      "HTTPBadRequest: ['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'",
    ],
  ])('%s is refused with %s', (query, message) => {
    expect(refusal(() => sortOf(query))).toBe(message);
  });
});

describe('pages', () => {
  const pageOf = (query: string, max: number | null = null): unknown => {
    const { limit, marker, pageReverse } = readQuery(port, new URLSearchParams(query), max);
    return [limit, marker, pageReverse];
  };

  it('are there only with a limit', () => {
    expect(pageOf('limit=0&marker=m&page_reverse=True')).toEqual([null, null, false]);
    expect(pageOf('limit=2&marker=m&page_reverse=True')).toEqual([2, 'm', true]);
  });

  it('are capped by the operator', () => {
    expect(pageOf('', 10)).toEqual([10, null, false]);
    expect(pageOf('limit=20', 10)).toEqual([10, null, false]);
    expect(pageOf('limit=5', 10)).toEqual([5, null, false]);
  });

  it.each(['-1', 'x', '1.5', ''])('of %j are refused', (limit) => {
    expect(refusal(() => pageOf(`limit=${limit}`))).toBe(
      `BadRequest: Bad limit request: Limit must be an integer 0 or greater and not '${limit}'.`,
    );
  });
});

describe('fields', () => {
  it('are the repeated parameter, unsplit', () => {
    expect(readQuery(port, new URLSearchParams('fields=id&fields=name,status')).fields).toEqual(['id', 'name,status']);
    expect(readQuery(port, new URLSearchParams('fields=')).fields).toBeNull();
  });
});

describe('any query', () => {
  it.each(catalogue.map((resource) => [resource.name, resource] as const))(
    'of %s is read or refused',
    (_, resource) => {
      const names = fc.constantFrom(
        ...Object.keys(resource.attributes),
        'limit',
        'sort_key',
        'sort_dir',
        'tags',
        'marker',
      );
      const pairs = fc.array(
        fc.tuple(fc.oneof(names, fc.string()), fc.oneof(fc.string(), names, fc.constantFrom('asc', '1'))),
      );
      fc.assert(
        fc.property(pairs, (some) => {
          const query = new URLSearchParams();
          for (const [name, value] of some) query.append(name, value);
          expect(refusal(() => readQuery(resource, query))).toEqual(expect.any(String));
        }),
      );
    },
  );
});
