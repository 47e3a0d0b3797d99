/** The protocols that each helper reads, as the Networking API offers them (option `allowed_conntrack_helpers` there). */
export const helperProtocols: ReadonlyMap<string, readonly string[]> = new Map([
  ['amanda', ['tcp']],
  ['ftp', ['tcp']],
  ['h323', ['udp', 'tcp']],
  ['irc', ['tcp']],
  ['netbios-ns', ['udp']],
  ['pptp', ['tcp']],
  ['sane', ['tcp']],
  ['sip', ['udp', 'tcp']],
  ['snmp', ['udp']],
  ['tftp', ['udp']],
]);
