// The addresses that requests ask for by name, which both servers therefore have; any other was picked by one of them.

export const macsOfRequests: readonly string[] = ['fa:16:3e:00:00:01', 'FA:16:3E:00:00:02', 'fa:16:3e:00:00:03'];

export const namedAddresses: readonly string[] = ['10', '11', '12', '1', '255', '0'].map((n) => `10.7.0.${n}`);

/** What ports with those MAC addresses have on the subnets where each derives its own (RFC 4291 appendix A). */
export const derivedAddresses: readonly string[] = ['1', '2', '3', '4'].flatMap((subnet) =>
  ['1', '2', '3'].map((n) => `fd00:${subnet}::f816:3eff:fe00:${n}`),
);

/** What sequences about routers ask for besides. */
export const routedAddresses: readonly string[] = ['10.8.0.1', '10.8.0.10', '10.8.0.11', '172.24.4.10', '172.24.4.21'];
