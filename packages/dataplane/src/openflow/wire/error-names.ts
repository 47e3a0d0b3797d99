// Names of OpenFlow errors (OpenFlow 1.4 section 7.4.4), for messages that a person reads.

interface ErrorType {
  readonly name: string;
  readonly prefix: string;
  readonly codes: readonly string[];
}

const errorTypes: Readonly<Record<number, ErrorType>> = {
  0: { name: 'OFPET_HELLO_FAILED', prefix: 'OFPHFC_', codes: ['INCOMPATIBLE', 'EPERM'] },
  1: {
    name: 'OFPET_BAD_REQUEST',
    prefix: 'OFPBRC_',
    codes: [
      'BAD_VERSION',
      'BAD_TYPE',
      'BAD_MULTIPART',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'EPERM',
      'BAD_LEN',
      'BUFFER_EMPTY',
      'BUFFER_UNKNOWN',
      'BAD_TABLE_ID',
      'IS_SLAVE',
      'BAD_PORT',
      'BAD_PACKET',
      'MULTIPART_BUFFER_OVERFLOW',
    ],
  },
  2: {
    name: 'OFPET_BAD_ACTION',
    prefix: 'OFPBAC_',
    codes: [
      'BAD_TYPE',
      'BAD_LEN',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'BAD_OUT_PORT',
      'BAD_ARGUMENT',
      'EPERM',
      'TOO_MANY',
      'BAD_QUEUE',
      'BAD_OUT_GROUP',
      'MATCH_INCONSISTENT',
      'UNSUPPORTED_ORDER',
      'BAD_TAG',
      'BAD_SET_TYPE',
      'BAD_SET_LEN',
      'BAD_SET_ARGUMENT',
    ],
  },
  3: {
    name: 'OFPET_BAD_INSTRUCTION',
    prefix: 'OFPBIC_',
    codes: [
      'UNKNOWN_INST',
      'UNSUP_INST',
      'BAD_TABLE_ID',
      'UNSUP_METADATA',
      'UNSUP_METADATA_MASK',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'BAD_LEN',
      'EPERM',
      'DUP_INST',
    ],
  },
  4: {
    name: 'OFPET_BAD_MATCH',
    prefix: 'OFPBMC_',
    codes: [
      'BAD_TYPE',
      'BAD_LEN',
      'BAD_TAG',
      'BAD_DL_ADDR_MASK',
      'BAD_NW_ADDR_MASK',
      'BAD_WILDCARDS',
      'BAD_FIELD',
      'BAD_VALUE',
      'BAD_MASK',
      'BAD_PREREQ',
      'DUP_FIELD',
      'EPERM',
    ],
  },
  5: {
    name: 'OFPET_FLOW_MOD_FAILED',
    prefix: 'OFPFMFC_',
    codes: [
      'UNKNOWN',
      'TABLE_FULL',
      'BAD_TABLE_ID',
      'OVERLAP',
      'EPERM',
      'BAD_TIMEOUT',
      'BAD_COMMAND',
      'BAD_FLAGS',
      'CANT_SYNC',
      'BAD_PRIORITY',
    ],
  },
  17: {
    name: 'OFPET_BUNDLE_FAILED',
    prefix: 'OFPBFC_',
    codes: [
      'UNKNOWN',
      'EPERM',
      'BAD_ID',
      'BUNDLE_EXIST',
      'BUNDLE_CLOSED',
      'OUT_OF_BUNDLES',
      'BAD_TYPE',
      'BAD_FLAGS',
      'MSG_BAD_LEN',
      'MSG_BAD_XID',
      'MSG_UNSUP',
      'MSG_CONFLICT',
      'MSG_TOO_MANY',
      'MSG_FAILED',
      'TIMEOUT',
      'BUNDLE_IN_PROGRESS',
    ],
  },
};

/** The standard's name of an error, or its numbers where it has none here. */
export function describeError(type: number, code: number): string {
  const known = errorTypes[type];
  const name = known?.codes[code];
  return known === undefined || name === undefined
    ? `OpenFlow error ${type}/${code}`
    : `${known.name} ${known.prefix}${name}`;
}
