// What an L3 agent does for routers (Networking API: agents, configurations.agent_mode):
//
// - `legacy`: it hosts routers as a whole.
// - `dvr_snat`: it hosts routers as a whole, the centres of distributed ones, and its host's part of those.
// - `dvr`: its host's part of distributed routers, with the floating IPs of its instances.
// - `dvr_no_external`: the same without a way outside; the floating IPs of its instances go by the centre.

export const l3Modes = ['legacy', 'dvr', 'dvr_snat', 'dvr_no_external'] as const;
export type L3Mode = (typeof l3Modes)[number];
