import { describe, expect, it } from 'vitest';
import { isInternal } from './attribute.ts';
import { catalogue } from './catalogue.ts';
import * as errors from './errors.ts';
import { extensions } from './extensions.ts';
import { policyDefaults } from './policy-defaults.ts';
import { renderErrors, renderExtensions, renderPolicy, renderResource } from './reference.ts';
import { port } from './resources/port.ts';

/** The number of cells of each line of the tables in a page. */
function tableWidths(page: string): readonly number[] {
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) => line.replaceAll('\\|', '').split('|').length - 2);
}

describe('a reference page', () => {
  it('has a line for each attribute that clients know, and says who may set it', () => {
    const page = renderResource(port);
    for (const [name, attribute] of Object.entries(port.attributes)) {
      expect(page.includes(`| \`${name}\` |`), name).toBe(!isInternal(attribute));
    }
    expect(page).toMatch(/\| `network_id` \| a UUID \| required \|  \| filter, sort \|/);
    expect(page).toMatch(/\| `mac_address` \| .* \| chosen unless given \| yes \|/);
  });

  it('says what an extension brings', () => {
    expect(renderExtensions(extensions.values(), catalogue)).toContain('`subnetpools.onboard_network_subnets`');
  });

  it('shows the arguments of an error in its message', () => {
    expect(renderErrors([errors.NetworkNotFound])).toContain(
      '| `NetworkNotFound` | 404 |  | Network {net_id} could not be found. |',
    );
  });

  it('leaves out the rules of resources that are not there', () => {
    const page = renderPolicy(policyDefaults, [port]);
    expect(page).toContain('`create_port:mac_address`');
    expect(page).not.toContain('`create_router`');
  });

  it('has tables whose lines are all as wide as their heads', () => {
    for (const resource of catalogue) {
      for (const table of renderResource(resource)
        .split('\n\n')
        .filter((part) => part.startsWith('|'))) {
        expect(new Set(tableWidths(table)).size).toBe(1);
      }
    }
  });
});
