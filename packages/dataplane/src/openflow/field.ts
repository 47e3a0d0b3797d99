// The packet and metadata fields that our flows use (ovs-fields(7)): names, widths, how they are written and the
// headers by which they travel. Everything else in this room knows fields by name.

/** How values of a field are written: ovs-ofctl's forms. */
export type FieldForm = 'decimal' | 'hex' | 'mac' | 'ipv4' | 'ipv6' | 'ct_state' | 'fragment';

export interface Field {
  /** ovs-fields(7)'s name, which is also the name in set_field. */
  readonly name: string;
  /** Place in the canonical order of a match, which is the order in which `ovs-ofctl dump-flows` prints it. */
  readonly rank: number;
  /** The name that `ovs-ofctl dump-flows` prints in a match, where it is another one. */
  readonly dumpName: string;
  /** Significant bits: 12 for a VLAN id's 16-bit field would be 13 with the presence bit. */
  readonly bits: number;
  readonly form: FieldForm;
  /** Header of the field in a match and in set_field, without the mask bit and with the value's length. */
  readonly oxm: number;
  /** Header in the Nicira actions that name part of a field (load, move, learn, output of a register). */
  readonly nxm: number;
  /** ovs-ofctl's name of that header. */
  readonly nxmName: string;
  /** Bits that those actions may address: NXM's in_port has 16 where OXM's has 32. */
  readonly nxmBits: number;
}

const nxmOf = 0x0000; // NXM_OF_*: OpenFlow 1.0's fields in Nicira's extended match
const nxmNx = 0x0001; // NXM_NX_*: Nicira's own fields
const openflowBasic = 0x8000; // OFPXMC_OPENFLOW_BASIC

function header(oxmClass: number, field: number, bytes: number): number {
  return ((oxmClass << 16) | (field << 9) | bytes) >>> 0;
}

const prefixes = { [nxmOf]: 'NXM_OF_', [nxmNx]: 'NXM_NX_' } as const;

interface FieldShape {
  readonly dumpName?: string;
  readonly bits: number;
  readonly bytes?: number;
  readonly form: FieldForm;
  /** Number within OFPXMC_OPENFLOW_BASIC. */
  readonly oxm?: number;
  /** Class and number in NXM; the same as OXM where there is none. */
  readonly nxm?: readonly [oxmClass: keyof typeof prefixes, field: number];
  readonly nxmName?: string;
  readonly nxmBits?: number;
}

// Declared in the order in which `ovs-ofctl dump-flows` prints a match, which is also the canonical order.
const shapes = {
  conj_id: { bits: 32, form: 'decimal', nxm: [nxmNx, 37] },
  pkt_mark: { bits: 32, form: 'hex', nxm: [nxmNx, 33] },
  ct_state: { bits: 32, form: 'ct_state', nxm: [nxmNx, 105] },
  ct_zone: { bits: 16, form: 'decimal', nxm: [nxmNx, 106] },
  ct_mark: { bits: 32, form: 'hex', nxm: [nxmNx, 107] },
  ct_label: { bits: 128, form: 'hex', nxm: [nxmNx, 108] },
  reg0: { bits: 32, form: 'hex', nxm: [nxmNx, 0] },
  reg1: { bits: 32, form: 'hex', nxm: [nxmNx, 1] },
  reg2: { bits: 32, form: 'hex', nxm: [nxmNx, 2] },
  reg3: { bits: 32, form: 'hex', nxm: [nxmNx, 3] },
  reg4: { bits: 32, form: 'hex', nxm: [nxmNx, 4] },
  reg5: { bits: 32, form: 'hex', nxm: [nxmNx, 5] },
  reg6: { bits: 32, form: 'hex', nxm: [nxmNx, 6] },
  reg7: { bits: 32, form: 'hex', nxm: [nxmNx, 7] },
  tun_id: { bits: 64, form: 'hex', oxm: 38, nxm: [nxmNx, 16] },
  tun_src: { bits: 32, form: 'ipv4', nxm: [nxmNx, 31], nxmName: 'TUN_IPV4_SRC' },
  tun_dst: { bits: 32, form: 'ipv4', nxm: [nxmNx, 32], nxmName: 'TUN_IPV4_DST' },
  metadata: { bits: 64, form: 'hex', oxm: 2 },
  in_port: { bits: 32, form: 'decimal', oxm: 0, nxm: [nxmOf, 0], nxmBits: 16 },
  // 802.1Q id with bit 0x1000 for "there is a tag" (OpenFlow 1.4 section 7.2.3.8); see `tagged` and `untagged`.
  vlan_vid: { bits: 13, bytes: 2, form: 'hex', oxm: 6 },
  vlan_pcp: { dumpName: 'dl_vlan_pcp', bits: 3, bytes: 1, form: 'decimal', oxm: 7 },
  // The tag as one 16-bit number. It cannot stand in an OpenFlow 1.4 match; load, move and learn address it.
  vlan_tci: { bits: 16, form: 'hex', nxm: [nxmOf, 4] },
  eth_src: { dumpName: 'dl_src', bits: 48, form: 'mac', oxm: 4, nxm: [nxmOf, 2] },
  eth_dst: { dumpName: 'dl_dst', bits: 48, form: 'mac', oxm: 3, nxm: [nxmOf, 1] },
  eth_type: { dumpName: 'dl_type', bits: 16, form: 'hex', oxm: 5, nxm: [nxmOf, 3] },
  ip_src: { dumpName: 'nw_src', bits: 32, form: 'ipv4', oxm: 11, nxm: [nxmOf, 7] },
  ip_dst: { dumpName: 'nw_dst', bits: 32, form: 'ipv4', oxm: 12, nxm: [nxmOf, 8] },
  ipv6_src: { bits: 128, form: 'ipv6', oxm: 26, nxm: [nxmNx, 19] },
  ipv6_dst: { bits: 128, form: 'ipv6', oxm: 27, nxm: [nxmNx, 20] },
  arp_spa: { bits: 32, form: 'ipv4', oxm: 22, nxm: [nxmOf, 16] },
  arp_tpa: { bits: 32, form: 'ipv4', oxm: 23, nxm: [nxmOf, 17] },
  arp_op: { bits: 16, form: 'decimal', oxm: 21, nxm: [nxmOf, 15] },
  ip_proto: { dumpName: 'nw_proto', bits: 8, form: 'decimal', oxm: 10, nxm: [nxmOf, 6] },
  arp_sha: { bits: 48, form: 'mac', oxm: 24, nxm: [nxmNx, 17] },
  arp_tha: { bits: 48, form: 'mac', oxm: 25, nxm: [nxmNx, 18] },
  ip_dscp: { bits: 6, bytes: 1, form: 'decimal', oxm: 8 },
  ip_ecn: { dumpName: 'nw_ecn', bits: 2, bytes: 1, form: 'decimal', oxm: 9, nxm: [nxmNx, 28] },
  nw_ttl: { bits: 8, form: 'decimal', nxm: [nxmNx, 29], nxmName: 'IP_TTL' },
  ip_frag: { dumpName: 'nw_frag', bits: 2, bytes: 1, form: 'fragment', nxm: [nxmNx, 26] },
  tcp_src: { dumpName: 'tp_src', bits: 16, form: 'decimal', oxm: 13, nxm: [nxmOf, 9] },
  tcp_dst: { dumpName: 'tp_dst', bits: 16, form: 'decimal', oxm: 14, nxm: [nxmOf, 10] },
  udp_src: { dumpName: 'tp_src', bits: 16, form: 'decimal', oxm: 15, nxm: [nxmOf, 11] },
  udp_dst: { dumpName: 'tp_dst', bits: 16, form: 'decimal', oxm: 16, nxm: [nxmOf, 12] },
  sctp_src: { dumpName: 'tp_src', bits: 16, form: 'decimal', oxm: 17 },
  sctp_dst: { dumpName: 'tp_dst', bits: 16, form: 'decimal', oxm: 18 },
  icmp_type: { bits: 8, form: 'decimal', oxm: 19, nxm: [nxmOf, 13] },
  icmp_code: { bits: 8, form: 'decimal', oxm: 20, nxm: [nxmOf, 14] },
  icmpv6_type: { dumpName: 'icmp_type', bits: 8, form: 'decimal', oxm: 29, nxm: [nxmNx, 21] },
  icmpv6_code: { dumpName: 'icmp_code', bits: 8, form: 'decimal', oxm: 30, nxm: [nxmNx, 22] },
  nd_target: { bits: 128, form: 'ipv6', oxm: 31, nxm: [nxmNx, 23] },
  nd_sll: { bits: 48, form: 'mac', oxm: 32, nxm: [nxmNx, 24] },
  nd_tll: { bits: 48, form: 'mac', oxm: 33, nxm: [nxmNx, 25] },
  tcp_flags: { bits: 12, bytes: 2, form: 'hex', nxm: [nxmNx, 34] },
} as const satisfies Readonly<Record<string, FieldShape>>;

export type FieldName = keyof typeof shapes;
export type FieldsOfForm<Form extends FieldForm> = {
  [Name in FieldName]: (typeof shapes)[Name]['form'] extends Form ? Name : never;
}[FieldName];

function fieldOf(name: string, shape: FieldShape, rank: number): Field {
  const bytes = shape.bytes ?? shape.bits / 8;
  const nxmBits = shape.nxmBits ?? shape.bits;
  const oxm = shape.oxm === undefined ? undefined : header(openflowBasic, shape.oxm, bytes);
  const nxm =
    shape.nxm === undefined ? undefined : header(...shape.nxm, shape.nxmBits === undefined ? bytes : nxmBits / 8);
  const either = oxm ?? nxm;
  if (either === undefined) throw new TypeError(`the field ${name} has no header`);
  const prefix = shape.nxm === undefined ? 'OXM_OF_' : prefixes[shape.nxm[0]];
  return {
    name,
    rank,
    dumpName: shape.dumpName ?? name,
    bits: shape.bits,
    form: shape.form,
    oxm: either,
    nxm: nxm ?? either,
    nxmName: `${prefix}${shape.nxmName ?? name.toUpperCase()}`,
    nxmBits,
  };
}

// Object.entries and Object.fromEntries widen keys to string; the keys are exactly those of `shapes`.
export const fieldNames = Object.keys(shapes) as readonly FieldName[];
export const fields = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], rank) => [name, fieldOf(name, shape, rank)]),
) as Readonly<Record<FieldName, Field>>;

/** Length of the value that a header announces, in bytes. */
export function headerBytes(oxmHeader: number): number {
  return oxmHeader & 0xff;
}

const namesByHeader: ReadonlyMap<number, FieldName> = new Map(
  fieldNames.flatMap((name) => [[fields[name].oxm, name] as const, [fields[name].nxm, name] as const]),
);

/** The field that a header without mask bit names, in either spelling, or undefined for one that we do not use. */
export function fieldOfHeader(oxmHeader: number): FieldName | undefined {
  return namesByHeader.get(oxmHeader >>> 0);
}

/** A number with all bits of the field set: the mask of an exact match. */
export function fullMask(name: FieldName): bigint {
  return fullMasks[name];
}
const fullMasks = Object.fromEntries(
  fieldNames.map((name) => [name, (1n << BigInt(fields[name].bits)) - 1n]),
) as Readonly<Record<FieldName, bigint>>;

/** Part of a field: `bits` bits from bit `start`, the least significant bit being 0. */
export interface Slice {
  readonly field: FieldName;
  readonly start: number;
  readonly bits: number;
}

/** The whole of a field as the Nicira actions address it. */
export function whole(field: FieldName): Slice {
  return { field, start: 0, bits: fields[field].nxmBits };
}

/** The value of vlan_vid on a frame without a tag (OFPVID_NONE). */
export const untagged = 0;

/** The value of vlan_vid on a frame with an 802.1Q tag of `vlan` (OFPVID_PRESENT). */
export function tagged(vlan: number): number {
  return 0x1000 | vlan;
}
