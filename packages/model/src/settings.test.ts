import { describe, expect, it } from 'vitest';
import { flag, integer, listOf, oneOf, optional, text } from './setting-kinds.ts';
import {
  readSettings,
  renderSettingsHelp,
  renderSettingsTable,
  section,
  setting,
  type SettingSources,
} from './settings.ts';

const declared = {
  api: section('Where it listens.', {
    host: setting(text, '127.0.0.1', 'Address.'),
    port: setting(integer({ min: 0, max: 65_535 }), 9696, 'TCP port.'),
    verbose: setting(flag, false, 'Say more.'),
  }),
  networks: section('Networks.', {
    types: setting(listOf(oneOf('local', 'flat')), ['local'], 'Types | kinds.'),
    domain: setting(optional(text), null, 'Domain.'),
  }),
};

const read = (sources: SettingSources) => readSettings(declared, sources);
const problems = (sources: SettingSources) => {
  const result = read(sources);
  return result.ok ? [] : result.problems;
};

describe('readSettings', () => {
  it('gives the defaults when nothing is said', () => {
    expect(read({})).toEqual({
      ok: true,
      values: { api: { host: '127.0.0.1', port: 9696, verbose: false }, networks: { types: ['local'], domain: null } },
    });
  });

  it('prefers the command line to the environment and the environment to the file', () => {
    const result = read({
      file: { name: 'f.toml', table: { api: { host: 'file', port: 1, verbose: true } } },
      environment: { NEUTRONIUM_API_HOST: 'environment', NEUTRONIUM_API_PORT: '2' },
      overrides: { 'api.port': '3' },
    });
    expect(result).toMatchObject({ ok: true, values: { api: { host: 'environment', port: 3, verbose: true } } });
  });

  it('reads lists from TOML arrays and from comma separated text', () => {
    const fromFile = read({ file: { name: 'f', table: { networks: { types: ['flat', 'local'] } } } });
    const fromEnvironment = read({ environment: { NEUTRONIUM_NETWORKS_TYPES: 'flat, local' } });
    expect(fromFile).toEqual(fromEnvironment);
  });

  it('collects every problem, saying where each was written', () => {
    const found = problems({
      file: {
        name: 'n.toml',
        table: { api: { prot: 1, verbose: 'yes' }, netwroks: {}, networks: { types: ['vlan'] } },
      },
      environment: { NEUTRONIUM_API_PORT: '70000', NEUTRONIUM_API_HSOT: 'x' },
      overrides: { 'api.nothing': '' },
    });
    expect(found).toEqual([
      'n.toml: unknown key api.prot (did you mean port?)',
      'n.toml: unknown section [netwroks] (did you mean networks?)',
      'unknown variable NEUTRONIUM_API_HSOT (did you mean NEUTRONIUM_API_HOST?)',
      '--set api.nothing: unknown key',
      'NEUTRONIUM_API_PORT: 70000 is not between 0 and 65535',
      'n.toml: api.verbose: "yes" is neither true nor false',
      'n.toml: networks.types: "vlan" is not one of local, flat',
    ]);
  });

  it("leaves other programs' variables alone", () => {
    expect(problems({ environment: { NEUTRONIUM_AGENT_HOST: 'a', PATH: '/bin' } })).toEqual([]);
  });

  it('does not take what every object has for a declared section', () => {
    expect(problems({ file: { name: 'f', table: { constructor: {} } } })).toEqual(['f: unknown section [constructor]']);
  });

  it.each([[[]], ['text'], [null]])('refuses a file that is %j', (table) => {
    expect(problems({ file: { name: 'f', table } })).toEqual(['f: not a table']);
  });

  it('takes empty text in the environment for an optional setting that is not set', () => {
    expect(read({ environment: { NEUTRONIUM_NETWORKS_DOMAIN: '' } })).toMatchObject({
      values: { networks: { domain: null } },
    });
  });
});

it('renders help and reference from the same declaration', () => {
  expect(renderSettingsHelp(declared)).toContain(
    '  port = NUMBER\n      TCP port.\n      NEUTRONIUM_API_PORT, default: 9696',
  );
  expect(renderSettingsTable(declared)).toContain(
    String.raw`| ${'`types`'} | [local\|flat, …] | local | ${'`NEUTRONIUM_NETWORKS_TYPES`'} | Types \| kinds. |`,
  );
});
