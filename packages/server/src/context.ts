// Who asks. Made once per request by the authenticator, read by policy, resources and the change log.

/** The caller of one request, as the token (or the trusted headers) says. */
export interface RequestContext {
  /** `req-<uuid>`, answered in x-openstack-request-id and kept in the change log. */
  readonly requestId: string;
  readonly userId: string | null;
  readonly userName: string | null;
  /** The project that the token is scoped to; null for domain, system and unscoped tokens. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly domainId: string | null;
  /** Role names, implied ones included, lower case. */
  readonly roles: readonly string[];
  /** The policy rule `context_is_admin` held. */
  readonly isAdmin: boolean;
  /** One of the policy rules `service_api` and `context_is_advsvc` held: the caller is a service that acts for everyone. */
  readonly isService: boolean;
  /** 'all' for a system-scoped token. */
  readonly systemScope: 'all' | null;
}

/**
 * How a list of the store is narrowed to what the caller may see. For administrators and services it is not: what is
 * there of other projects, policy alone shows them or hides from them.
 */
export function visibility({ isAdmin, isService, projectId }: RequestContext): { readonly visibleTo?: string } {
  return isAdmin || isService ? {} : { visibleTo: projectId ?? '' };
}

/** The server acting for itself: status reports, schedulers, DHCP ports. */
export function serverContext(requestId: string): RequestContext {
  return {
    requestId,
    userId: null,
    userName: null,
    projectId: null,
    projectName: null,
    domainId: null,
    roles: ['admin', 'service'],
    isAdmin: true,
    isService: true,
    systemScope: 'all',
  };
}
