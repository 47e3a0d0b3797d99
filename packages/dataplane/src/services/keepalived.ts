// What settles on which of several hosts a router is active: keepalived, by VRRP (RFC 3768), with the configuration that
// Neutron's L3 agent gives it. It gives the devices of the router their addresses and routes and takes them away, whether
// or not the agent lives, and tells neighbours. The agent learns from a file what has become of the router here.

import { cidrOverlaps, eui64Address, linkLocalPrefix, networkOf } from '@neutronium/net/cidr';
import { ip, ipFromBigInt, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import { devicesFile, type Inventory, type ServicePlan } from '../host-plan.ts';
import type { HostedRouter, SharedRouter } from '../routers/hosted-router.ts';
import { deviceSettingsOf, type DeviceSettings } from '../routers/namespace.ts';

/** The file that says what this host is to a router, in the words of Neutron's: `primary` or `backup`. */
export const stateFile = 'state';

/** Where the folders of highly available routers are, by their ids. */
export function haFolder(stateDir: string): string {
  return `${stateDir}/ha_confs`;
}

/**
 * Seconds between two words of the active host to the router's neighbours. Of two hosts that were active while neither
 * heard the other, the one that steps down may do so before the other has heard of it, and frames go on to come to it
 * until the other speaks.
 */
const refreshSeconds = 5;

/** Null for a router that this host has to itself. */
export function keepalivedService(
  router: HostedRouter,
  { stateDir, vrrpAdvertInt, plugged }: Pick<Inventory, 'stateDir' | 'vrrpAdvertInt' | 'plugged'>,
): ServicePlan | null {
  const { ha, view, namespace } = router;
  // Before it is plugged, this host would hear nobody, and take itself for the only one.
  if (ha === null || !plugged.has(ha.port.port.id)) return null;
  const directory = `${haFolder(stateDir)}/${view.id}`;
  const ports = [ha.port, ...router.interfaces, ...router.gateways];
  const devices = ports.flatMap(({ port, device }) => {
    const ifindex = plugged.get(port.id)?.ifindex ?? null;
    return ifindex === null ? [] : [`${device} ${ifindex}\n`];
  });
  return {
    name: view.id,
    namespace,
    program: 'keepalived',
    directory,
    files: new Map([
      ['keepalived.conf', renderKeepalived(router, ha, { directory, advertInt: vrrpAdvertInt })],
      ['notify', notifyScript(directory)],
      [devicesFile, devices.join('')],
    ]),
    ownFiles: [stateFile, 'vrrp.pid'],
    args: ['-P', '-f', `${directory}/keepalived.conf`, '-p', `${directory}/pid`, '-r', `${directory}/vrrp.pid`],
    onNewFiles: 'reload',
  };
}

/** One write that others see whole or not at all. */
function notifyScript(directory: string): string {
  return `set -e\necho "$1" > ${directory}/state.new\nmv ${directory}/state.new ${directory}/${stateFile}\n`;
}

function renderKeepalived(
  router: HostedRouter,
  { port: { device }, vrId, priority }: SharedRouter,
  { directory, advertInt }: { readonly directory: string; readonly advertInt: number },
): string {
  const settings = deviceSettingsOf(router);
  const notify = (state: string): string => `"/bin/sh ${directory}/notify ${state}"`;
  return [
    ...block('global_defs', [
      'notification_email_from neutron@openstack.local',
      'router_id neutron',
      'script_user root',
      'enable_script_security',
    ]),
    ...block(`vrrp_instance VR_${vrId}`, [
      'state BACKUP',
      `interface ${device}`,
      `virtual_router_id ${vrId}`,
      `priority ${priority}`,
      'garp_master_delay 60',
      `garp_master_refresh ${refreshSeconds}`,
      'garp_master_refresh_repeat 1',
      'nopreempt',
      `advert_int ${advertInt}`,
      `notify_master ${notify('primary')}`,
      `notify_backup ${notify('backup')}`,
      `notify_fault ${notify('backup')}`,
      `notify_stop ${notify('backup')}`,
      ...block('track_interface', [device]),
      ...block('virtual_ipaddress', [`${sharedAddress(router, vrId)}/24 dev ${device}`]),
      ...block('virtual_ipaddress_excluded', settings.flatMap(addressLines)),
      ...block('virtual_routes', settings.flatMap(routeLines)),
    ]),
    '',
  ].join('\n');
}

function block(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${name} {`, ...lines.map((line) => `    ${line}`), '}'];
}

function addressLines({ port: { port, device }, addresses }: DeviceSettings): readonly string[] {
  const ownLink = `${eui64Address(linkLocalPrefix, port.mac_address)}/64 dev ${device} scope link no_track`;
  return [...addresses.map((address) => `${address} dev ${device} no_track`), ownLink];
}

function routeLines({ port: { device }, routes }: DeviceSettings): readonly string[] {
  return routes.map(({ destination, via, table }) => {
    const everything = via?.includes(':') === true ? '::/0' : '0.0.0.0/0';
    const to = destination === 'default' ? everything : destination;
    const way = via === null ? `dev ${device} scope link` : `via ${via} dev ${device}`;
    return `${to} ${way}${table === undefined ? '' : ` table ${table}`} no_track`;
  });
}

/**
 * An address of the first 256 among the link-local ones (RFC 3927) of which no network behind the router has any. VRRP
 * wants one that comes and goes with the active host; nobody uses it.
 */
function sharedAddress({ interfaces, gateways }: HostedRouter, vrId: number): IpAddress {
  const prefixes = [...interfaces, ...gateways].flatMap(({ addresses }) => addresses.map(({ subnet }) => subnet.cidr));
  for (let third = 0n; third < 255n; third += 1n) {
    const base = ipFromBigInt(firstLinkLocal + (third << 8n), 4);
    if (!prefixes.some((prefix) => cidrOverlaps(prefix, networkOf(base, 24)))) {
      return ipFromBigInt(firstLinkLocal + (third << 8n) + BigInt(vrId), 4);
    }
  }
  return ipFromBigInt(firstLinkLocal + BigInt(vrId), 4);
}

const firstLinkLocal = ipToBigInt(ip('169.254.0.0'));
