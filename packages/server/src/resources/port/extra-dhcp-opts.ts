// What an update does to the extra DHCP options of a port: it merges, where other lists are replaced.

import type { ExtraDhcpOption } from '@neutronium/model/host-view';

/** An option in a request: a null value takes the option away. */
export interface ExtraDhcpOptionRequest {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version: 4 | 6;
}

/** Options that mean something without a value (RFC 2132 section 3.7: an empty router option offers no router). */
const mayBeBlank: ReadonlySet<string> = new Set(['router', 'classless-static-route']);

/** The options after `changes`, each named by (opt_name, ip_version); blank values of other options say nothing. */
export function mergeExtraDhcpOpts(
  current: readonly ExtraDhcpOption[],
  changes: readonly ExtraDhcpOptionRequest[],
): readonly ExtraDhcpOption[] {
  const options = new Map(current.map((option) => [keyOf(option), option]));
  for (const { opt_name, opt_value, ip_version } of changes) {
    const key = keyOf({ opt_name, ip_version });
    if (opt_value === null) options.delete(key);
    else if (opt_value !== '' || mayBeBlank.has(opt_name)) options.set(key, { opt_name, opt_value, ip_version });
  }
  return [...options.values()];
}

function keyOf({ opt_name, ip_version }: Pick<ExtraDhcpOption, 'opt_name' | 'ip_version'>): string {
  return `${ip_version} ${opt_name}`;
}
