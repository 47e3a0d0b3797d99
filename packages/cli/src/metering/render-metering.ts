import type { MeteringEntry } from '@neutronium/model/agent-socket';

/** One line for each counter. */
export function renderMetering(counters: readonly MeteringEntry[]): string {
  if (counters.length === 0) return 'no metering label counts for a router of this machine';
  return counters
    .map(({ packets, bytes, name, label_id, namespace }) =>
      `${String(bytes).padStart(16)} bytes ${String(packets).padStart(12)} packets  ${namespace}  ${label_id} ${name}`.trimEnd(),
    )
    .join('\n');
}

/** Prometheus's text format, version 0.0.4. The counters begin anew with the namespace that they are in. */
export function renderExposition(counters: readonly MeteringEntry[]): string {
  return [
    ...metric(
      'neutronium_metering_bytes_total',
      'Bytes of IP packets that a metering label has counted.',
      counters,
      ({ bytes }) => bytes,
    ),
    ...metric(
      'neutronium_metering_packets_total',
      'Packets that a metering label has counted.',
      counters,
      ({ packets }) => packets,
    ),
  ].join('\n');
}

function metric(
  name: string,
  help: string,
  counters: readonly MeteringEntry[],
  valueOf: (entry: MeteringEntry) => number,
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    ...counters.map((entry) => `${name}{${labelsOf(entry)}} ${valueOf(entry)}`),
  ];
}

function labelsOf({ label_id, name, router_id, project_id, namespace }: MeteringEntry): string {
  return Object.entries({ label_id, label_name: name, router_id, project_id, namespace })
    .map(([key, value]) => `${key}="${escaped(value)}"`)
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
