// How many requests of which kind were answered how, and how long that took, for Prometheus.

import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of the path, never the path itself: ids would make a time series each. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Upper bounds in seconds: from a cached read to a large bulk request. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class RequestMetrics {
  readonly #registry = new Registry();
  #measuresProcess = false;
  readonly #durations: Histogram<'method' | 'route' | 'status'>;

  constructor() {
    this.#durations = new Histogram({
      name: 'neutronium_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers: [this.#registry],
    });
  }

  observe({ method, route, status, seconds }: AnsweredRequest): void {
    this.#durations.observe({ method, route, status: String(status) }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition text. The process itself is measured from the first call on: until then nobody reads it. */
  render(): Promise<string> {
    if (!this.#measuresProcess) collectDefaultMetrics({ register: this.#registry, prefix: 'neutronium_' });
    this.#measuresProcess = true;
    return this.#registry.metrics();
  }
}
