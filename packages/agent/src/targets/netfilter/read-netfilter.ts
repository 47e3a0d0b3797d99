// Reading what filters packets, with one command however many namespaces there are: a script that prints what
// iptables-save(8), ipset(8) and /proc say, and the parser of what it prints.

import { parseIpSets } from '@neutronium/dataplane/netfilter/ip-set';
import { parseRuleset } from '@neutronium/dataplane/netfilter/observed';
import type { ObservedNamespaces } from '@neutronium/dataplane/netfilter/plan-netfilter';

/** What the names of our chains begin with, as Neutron's do; whose a chain is, its rules' marks say. */
export const chainPrefix = 'neutron-';

/** The name of the host's own namespace. */
export const hostNamespace = '';

/** A program that is not installed has no rules to show; when it fails, nothing is known. */
const look = `
for tool in iptables-save ip6tables-save "ipset save"; do
  echo "@$tool"
  command -v "\${tool%% *}" >/dev/null || continue
  $tool || exit 1
done
echo @sysctls
grep -sH "" /proc/sys/net/bridge/*
echo @complete`;

/**
 * Prints, for `parseNetfilter`, the namespaces whose names match one of `patterns` (of sh(1)), and where asked the
 * host's own. Starting processes is what takes the time, so there are few.
 */
export function readNetfilterScript({
  patterns,
  host,
}: {
  readonly patterns: readonly string[];
  readonly host: boolean;
}): string {
  const paths = patterns.map((pattern) => `/run/netns/${pattern}`).join(' ');
  return `
look='${look}'
${host ? `echo "@namespace ${hostNamespace}"; sh -c "$look"` : ''}
for path in ${paths}; do
  [ -e "$path" ] || continue
  echo "@namespace \${path##*/}"
  # It may go while we look.
  nsenter --net="$path" sh -c "$look" || [ -e "$path" ] || echo @gone
done
echo @end
`;
}

/** What `output` tells. Throws when it was cut short, or when a namespace could not be read. */
export function parseNetfilter(output: string): ObservedNamespaces {
  const [, ...parts] = `\n${output}`.split('\n@namespace ');
  const end = output.endsWith('@end\n');
  if (!end) throw new Error('the list of packet filters was cut short');
  return new Map(
    parts.flatMap((part) => {
      const name = part.slice(0, part.indexOf('\n'));
      const sections = sectionsOf(part);
      if (sections.has('gone')) return [];
      if (!sections.has('complete')) throw new Error(`the packet filter of ${described(name)} cannot be read`);
      const rules = (tool: string) => parseRuleset(sections.get(tool) ?? '', chainPrefix);
      return [
        [
          name,
          {
            rules: { 4: rules('iptables-save'), 6: rules('ip6tables-save') },
            sets: parseIpSets(sections.get('ipset save') ?? ''),
            sysctls: parseSysctls(sections.get('sysctls') ?? ''),
          },
        ] as const,
      ];
    }),
  );
}

/** For people. */
export function described(namespace: string): string {
  return namespace === hostNamespace ? 'the host' : namespace;
}

/** By the word after `@`. No tool prints a line that begins so. */
function sectionsOf(part: string): ReadonlyMap<string, string> {
  const [, ...sections] = part.split('\n@');
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return end === -1 ? [section, ''] : [section.slice(0, end), section.slice(end + 1)];
    }),
  );
}

function parseSysctls(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const end = line.indexOf(':');
        return [line.slice('/proc/sys/'.length, end).replaceAll('/', '.'), line.slice(end + 1)] as const;
      }),
  );
}
