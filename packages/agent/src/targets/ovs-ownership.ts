// How a fresh agent knows what in Open vSwitch is ours. Bridges and ports that we have made bear this key in their
// external_ids; flows bear our cookie. What lacks the mark is someone else's: it may be used, it is never removed.

/** Its value says which of our programs made the row. */
export const ownerKey = 'neutronium-owner';
const ownerName = 'agent';

/** The external_ids of a row that we make. */
export const ownerMark: Readonly<Record<string, string>> = { [ownerKey]: ownerName };

export function isOwn(row: { readonly external_ids: Readonly<Record<string, string>> }): boolean {
  return row.external_ids[ownerKey] === ownerName;
}

/**
 * The upper half of the cookies of our flows: `NTNM` in ASCII. It is the same in every run, so that an agent that is
 * started anew finds the flows that it wants and touches none of them. Neutron's agent draws a new cookie in each run
 * and for that rewrites all flows.
 */
const cookieMark = 0x4e_54_4e_4dn << 32n;
const cookieMarkMask = 0xffff_ffffn << 32n;

/** The cookie of every flow that we add. The lower half is kept free to mean something some day. */
export const ownCookie = cookieMark;

export function isOwnCookie(cookie: bigint): boolean {
  return (cookie & cookieMarkMask) === cookieMark;
}
