import { type HttpSandbox, startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";

/** A token that must not show up in any output. */
export const MONITOR_TOKEN = "c4n4ryPingT0ken";

/** A fake of Healthchecks and of Uptime Kuma: takes every ping. */
export type Monitor = HttpSandbox & {
  /** What `healthcheck_url` takes. */
  readonly healthchecks: string;
  readonly uptimeKuma: string;
  /** The pings received, in order: the path after the token, and the query. */
  pings(): string[];
};

/** Starts the fake. */
export async function startMonitor(): Promise<Monitor> {
  const server = await startHttpSandbox({
    admit: () => null,
    identify: (request) => {
      request.endpoint = request.path.split(MONITOR_TOKEN)[1] || "/";
    },
    answer: () => ({ status: 200, body: "OK" }),
  });
  return Object.assign(server, {
    healthchecks: `${server.origin}/ping/${MONITOR_TOKEN}`,
    uptimeKuma: `${server.origin}/api/push/${MONITOR_TOKEN}?ping=`,
    pings: () =>
      server.requests.map(({ method, endpoint, query }) => {
        const search = query.toString();
        return `${method} ${endpoint}${search && `?${search}`}`;
      }),
  });
}
